package rtl8720dn

type wifi struct{}

func (s *session) leave() {}
