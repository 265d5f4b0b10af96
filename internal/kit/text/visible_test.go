package text_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/kintsugi-desk/kintsugi/internal/kit/corpus"
	"github.com/kintsugi-desk/kintsugi/internal/kit/text"
)

// TestSplitJapanese has replies as mailers in Japan write them.
func TestSplitJapanese(t *testing.T) {
	for _, c := range []struct{ name, body, visible, signature string }{
		{"gmail", "承知しました。よろしくお願いいたします。\n\n2024年5月1日(水) 10:23 サポート <support@example.jp>:\n\n> お問い合わせありがとうございます。\n> 番号をお知らせください。\n", "承知しました。よろしくお願いいたします。", ""},
		{"gmail wrapped", "了解です。\n\n2024年5月1日(水) 10:23 株式会社サンプル カスタマーサポート窓口 <\nsupport@example.jp>:\n\n> 本文\n", "了解です。", ""},
		{"apple", "届きました。ありがとうございます。\n\niPhoneから送信\n\n> 2024/05/01 10:23、サポート <support@example.jp>のメール:\n> \n> 発送しました。\n", "届きました。ありがとうございます。", "iPhoneから送信"},
		{"apple unquoted", "届きました。\n\n2024/05/01 10:23、サポート <support@example.jp>のメール:\n\n発送しました。\n", "届きました。", ""},
		{"outlook", "お世話になっております。\n返品を希望します。\n\n-----Original Message-----\nFrom: サポート <support@example.jp>\nSent: Wednesday, May 1, 2024 10:23 AM\nTo: 山田\nSubject: Re: 返品\n\n承りました。\n", "お世話になっております。\n返品を希望します。", ""},
		{"outlook ja", "返品を希望します。\n\n________________________________\n差出人: サポート <support@example.jp>\n送信日時: 2024年5月1日 10:23\n宛先: 山田太郎 <taro@example.jp>\n件名: Re: 返品\n\n承りました。\n", "返品を希望します。", ""},
		{"yahoo", "回答ありがとうございます。\n\n----- 元のメッセージ -----\nFrom: \"サポート\" <support@example.jp>\n\n承りました。\n", "回答ありがとうございます。", ""},
		{"frame", "商品が壊れていました。\n交換をお願いします。\n\n━━━━━━━━━━━━━━━━━━\n株式会社サンプル 総務部\n山田 太郎\nTEL 03-1234-5678\nE-mail: taro@example.jp\n━━━━━━━━━━━━━━━━━━\n", "商品が壊れていました。\n交換をお願いします。", "━━━━━━━━━━━━━━━━━━\n株式会社サンプル 総務部\n山田 太郎\nTEL 03-1234-5678\nE-mail: taro@example.jp\n━━━━━━━━━━━━━━━━━━"},
		{"stars", "よろしくお願いします。\n\n＊＊＊＊＊＊＊＊＊＊\n山田太郎\ntaro@example.jp\n＊＊＊＊＊＊＊＊＊＊", "よろしくお願いします。", "＊＊＊＊＊＊＊＊＊＊\n山田太郎\ntaro@example.jp\n＊＊＊＊＊＊＊＊＊＊"},
		{"hyphens", "お願いします。\n\n----------------------\n山田太郎\n携帯：090-1234-5678\n----------------------", "お願いします。", "----------------------\n山田太郎\n携帯：090-1234-5678\n----------------------"},
		{"mark", "以上です。\n-- \n山田", "以上です。", "--\n山田"},
		{"wrote ja", "はい、そうです。\n\n(2024/05/01 10:23), サポート wrote:\n> 赤で間違いないですか？\n", "はい、そうです。", ""},
		{"kakimashita", "はい。\n\nサポート <support@example.jp> さんは 2024年5月1日 10:23 に書きました:\n> 本文\n", "はい。", ""},
		{"inline", "2024年5月1日(水) 10:23 サポート <support@example.jp>:\n> 色はどちらですか？\n\n赤です。\n\n> サイズは？\n\nLです。\n", "> 色はどちらですか？\n\n赤です。\n\n> サイズは？\n\nLです。", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := text.Split(c.body)
			if r.Visible != c.visible || strings.TrimSpace(r.Signature) != strings.TrimSpace(c.signature) {
				t.Errorf("visible %q\n   want %q\n signature %q\n   want %q\n quoted %q", r.Visible, c.visible, r.Signature, c.signature, r.Quoted)
			}
		})
	}
}

// TestSplitKeepsWords has mails that look like quotes or signatures and are
// neither: nothing may be hidden.
func TestSplitKeepsWords(t *testing.T) {
	for _, body := range []string{
		"お電話番号をお知らせします。\n\n氏名：山田太郎\n電話：090-1234-5678\n住所：東京都港区1-2-3",
		"注文内容\n--------------------\n商品A 1個\n商品B 2個\n--------------------\n届いたのは商品Aだけです。",
		"From: Tokyo\nTo: Osaka\nの便を変更したいです。",
		"On 3 May I wrote to you and nobody answered.\nPlease call me.",
		"件名の変更をお願いします。\n件名: 新しい件名",
		"I was sent from my phone shop to you.",
		"明日の予定:\n10:00 会議\n11:00 打ち合わせ",
		"2024年5月1日に注文しました:\n商品A",
		"アプリから送信した写真が届いていません。",
		"Thanks!",
		"> ",
		"--",
		"■ご質問\n配送日はいつですか？\n\n■■■■■■■■\n急いでいます。",
	} {
		r := text.Split(body)
		if r.Visible != strings.TrimSpace(body) || r.Signature != "" || r.Quoted != "" {
			t.Errorf("%q\n visible %q\n signature %q\n quoted %q", body, r.Visible, r.Signature, r.Quoted)
		}
	}
}

// TestSplitLosesNothing: every line with text is in exactly one half, and
// something is always visible.
func TestSplitLosesNothing(t *testing.T) {
	pieces := []string{"", "> quoted", "hello there", "-- ", "Jo", "On Mon, May 6, 2024 at 9:00 AM A <a@b.c> wrote:", "From: a@b.c", "Sent: Monday", "Subject: x", "-----Original Message-----",
		"━━━━━━", "TEL 03-1234-5678", "iPhoneから送信", "```", "2024年5月1日(水) 10:00 山田 <a@b.c>:", "Regards,", "ありがとうございます。"}
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOf(rapid.SampledFrom(pieces)).Draw(t, "lines")
		body := strings.Join(lines, "\n")
		r := text.Split(body)
		if strings.TrimSpace(body) != "" && r.Visible == "" {
			t.Fatalf("nothing visible of %q", body)
		}
		for _, l := range lines {
			l = strings.TrimSpace(l)
			if l != "" && !strings.Contains(r.Visible+"\n"+r.Signature+"\n"+r.Quoted, l) {
				t.Fatalf("%q is lost from %q", l, body)
			}
		}
	})
}

func FuzzVisible(f *testing.F) {
	f.Add("hello\n\nOn Mon, May 6, 2024 at 9:00 AM A <a@b.c> wrote:\n> x")
	f.Add("返信\n\n━━━━━━\n山田\nTEL 03-1234-5678\n━━━━━━")
	f.Add("\xff\xfe\n> \x00")
	for _, body := range corpus.Seeds(f, "reply-quote", ".txt", 120, 4<<10) {
		f.Add(string(body))
	}
	f.Fuzz(func(t *testing.T, body string) {
		visible, _ := text.Visible(body)
		if strings.TrimSpace(strings.ToValidUTF8(body, "\uFFFD")) != "" && visible == "" && strings.TrimSpace(strings.ReplaceAll(body, "\u00a0", " ")) != "" {
			t.Errorf("nothing visible of %q", body)
		}
	})
}
