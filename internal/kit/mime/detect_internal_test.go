package mime

import (
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// TestDetectUnlabelled reads short texts of every kind without any label, the
// way old mailers send them.
func TestDetectUnlabelled(t *testing.T) {
	encodings := map[string]encoding.Encoding{
		"shift_jis": japanese.ShiftJIS, "euc-jp": japanese.EUCJP, "iso-2022-jp": japanese.ISO2022JP,
		"gb18030": simplifiedchinese.GB18030, "big5": traditionalchinese.Big5, "euc-kr": korean.EUCKR,
		"windows-1251": charmap.Windows1251, "koi8-r": charmap.KOI8R, "windows-1252": charmap.Windows1252,
	}
	for _, c := range []struct {
		text string
		in   []string
	}{
		{"お世話になっております。注文した商品がまだ届きません。", []string{"shift_jis", "euc-jp", "iso-2022-jp"}},
		{"返品の件", []string{"shift_jis", "euc-jp", "iso-2022-jp"}},
		{"山田太郎", []string{"shift_jis", "euc-jp", "iso-2022-jp"}},
		{"【重要】お問い合わせ①番の件", []string{"shift_jis", "euc-jp", "iso-2022-jp"}},
		{"Re: ご注文番号 A-1234 のキャンセルについて", []string{"shift_jis", "euc-jp", "iso-2022-jp"}},
		{"您好，我想问一下我的订单什么时候发货？谢谢。", []string{"gb18030"}},
		{"您好，我想請問一下我的訂單什麼時候會出貨？謝謝。", []string{"big5"}},
		{"안녕하세요. 주문한 상품이 아직 도착하지 않았습니다.", []string{"euc-kr"}},
		{"Здравствуйте! Когда придёт мой заказ?", []string{"windows-1251", "koi8-r"}},
		{"Det här är ett flerdelat meddelande", []string{"windows-1252"}},
		{"Größe und Preis für München", []string{"windows-1252"}},
		{"¿Cuándo llegará el pedido? Señor Núñez", []string{"windows-1252"}},
		{"déjà vu à la crème brûlée", []string{"windows-1252"}},
	} {
		for _, name := range c.in {
			raw, err := encodings[name].NewEncoder().String(c.text)
			if err != nil {
				t.Fatalf("%s in %s: %v", c.text, name, err)
			}
			if got := detect([]byte(raw), ""); got.text != c.text {
				t.Errorf("unlabelled %s: read as %s: %q, want %q", name, got.name, got.text, c.text)
			}
		}
	}
}
