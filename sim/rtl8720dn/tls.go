package rtl8720dn

type tlsClients struct{}
