package place

// The facts of this package.
const (
	UpdatedFact = "place.updated"   // Data; subject: the place, also a new one
	StickerFact = "sticker.updated" // StickerData; subject: the sticker, also a new one
	RatedFact   = "place.rated"     // RatedData; subject: the rating, when it is finished
)

// Data tells which place was made or changed.
type Data struct {
	BrandID string `json:"brandId"`
	InboxID string `json:"inboxId"`
	Kind    Kind   `json:"kind"`
	Active  bool   `json:"active"`
}

// StickerData tells which sticker was issued or changed.
type StickerData struct {
	PlaceID    string `json:"placeId"`
	State      State  `json:"state"`
	ReplacedBy string `json:"replacedBy,omitempty"`
	KioskPass  int    `json:"kioskPass"` // a new number withdrew the pass before
}

// RatedData tells what somebody said where they stood.
type RatedData struct {
	PlaceID        string `json:"placeId"`
	StickerID      string `json:"stickerId"`
	Score          int    `json:"score"` // 0 for a complaint without one
	Kiosk          bool   `json:"kiosk"`
	Asks           bool   `json:"asks"` // they want an answer
	ConversationID string `json:"conversationId,omitempty"`
}
