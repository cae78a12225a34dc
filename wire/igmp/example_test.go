package igmp_test

import (
	"fmt"
	"net/netip"

	"github.com/netdev-go/netdev/wire/igmp"
)

func Example() {
	join := igmp.Report{Records: []igmp.GroupRecord{
		{Type: igmp.ChangeToExclude, Group: netip.MustParseAddr("239.1.2.3")},
	}}
	b := make([]byte, join.Len())
	join.Emit(b)

	m, err := igmp.Parse(b)
	if err != nil || !m.ChecksumOK() {
		fmt.Println("not for us:", err)
		return
	}
	for records := m.Records(); records.Next(); {
		r := records.Record()
		if r.Type() == igmp.ChangeToExclude && r.Sources().Len() == 0 {
			fmt.Println("joins", r.Group())
		}
	}
	// Output: joins 239.1.2.3
}
