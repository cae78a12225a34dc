package rtl8720dn

type lwip struct{}
