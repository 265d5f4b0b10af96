package customer

// The facts of this package; the subject is the customer's id, of MergedFact
// the id that is no longer used.
const (
	CreatedFact = "customer.created" // Data
	UpdatedFact = "customer.updated" // Data
	MergedFact  = "customer.merged"  // MergedData
	PartedFact  = "customer.parted"  // PartedData; the subject is who is of their own again
)

// Data tells how a customer is known now.
type Data struct {
	Name   string   `json:"name"`
	Fields []string `json:"fields,omitempty"`
}

// MergedData tells who took the customer in. From repeats the subject.
// PointIDs are the points that moved.
type MergedData struct {
	From     string   `json:"from"`
	Into     string   `json:"into"`
	PointIDs []string `json:"pointIds"`
	JoinID   string   `json:"joinId"`
}

// PartedData tells that Back, whom Kept had taken in, is a customer of their own
// again. Through are who may still have what came from Back, Kept among them.
type PartedData struct {
	JoinID  string   `json:"joinId"`
	Back    string   `json:"back"`
	Kept    string   `json:"kept"`
	Through []string `json:"through"`
}
