package demo

// Company is one of the two brands.
type Company struct {
	Lang, Name, Zone, Color string
	InboxName, Address      string
	Sender, Signature       string
	Items                   []string
	Agents                  []Person
	Customers               []Person
	Reasons                 map[string]Reason // by category of cause; "" for all others
	FollowUp                map[int]string
}

// Reason is why something went wrong, what is done about it, and how the manager
// explains it to the customer.
type Reason struct{ Cause, Measure, Informed string }

// Person is an agent or a customer.
type Person struct {
	Name, Address, Role string
}

func companies() []Company { return []Company{hanamizuki(), larkfield()} }

func hanamizuki() Company {
	return Company{
		Lang: "ja", Name: "暮らしの道具店 はなみずき", Zone: "Asia/Tokyo", Color: "#2f6f5e",
		InboxName: "お客様窓口", Address: "support@hanamizuki.example", Sender: "はなみずき お客様窓口",
		Signature: "暮らしの道具店 はなみずき\nお客様窓口 平日 9:00〜18:00\nsupport@hanamizuki.example",
		Items:     []string{"白磁の飯碗", "ヒノキのまな板", "南部鉄の急須", "藍染めのふきん", "竹のざる", "吹きガラスの花器", "ケヤキの汁椀", "琺瑯の保存容器", "手編みの鍋つかみ", "信楽焼の土鍋"},
		Agents: []Person{
			{"森 さくら", "sakura@hanamizuki.example", "manager"},
			{"小川 健", "ken@hanamizuki.example", "agent"},
			{"藤井 美咲", "misaki@hanamizuki.example", "agent"},
		},
		Customers: mailed("mail.example", [][2]string{
			{"佐藤 恵", "megumi.sato"}, {"鈴木 一郎", "ichiro.suzuki"}, {"高橋 由美", "yumi.takahashi"}, {"田中 誠", "makoto.tanaka"},
			{"伊藤 直子", "naoko.ito"}, {"渡辺 拓也", "takuya.watanabe"}, {"山本 千尋", "chihiro.yamamoto"}, {"中村 健太", "kenta.nakamura"},
			{"小林 真理", "mari.kobayashi"}, {"加藤 悠", "yu.kato"}, {"吉田 春香", "haruka.yoshida"}, {"山田 花子", "hanako.yamada"},
			{"佐々木 亮", "ryo.sasaki"}, {"山口 明美", "akemi.yamaguchi"}, {"松本 大輔", "daisuke.matsumoto"}, {"井上 薫", "kaoru.inoue"},
			{"木村 綾", "aya.kimura"}, {"林 修一", "shuichi.hayashi"}, {"清水 玲奈", "rena.shimizu"}, {"斎藤 浩", "hiroshi.saito"},
			{"前田 翔", "sho.maeda"}, {"藤田 和子", "kazuko.fujita"}, {"岡田 智", "satoshi.okada"}, {"長谷川 萌", "moe.hasegawa"},
			{"石井 優", "yu.ishii"}, {"近藤 彩", "aya.kondo"}, {"遠藤 隆", "takashi.endo"}, {"青木 桃子", "momoko.aoki"},
			{"坂本 光", "hikaru.sakamoto"}, {"西村 静香", "shizuka.nishimura"}, {"太田 剛", "tsuyoshi.ota"}, {"三浦 愛", "ai.miura"},
		}),
		Reasons: map[string]Reason{
			"delivery": {
				"倉庫移転の際、割れ物の梱包手順が新しい倉庫に引き継がれておらず、遅れを知らせる担当も決まっていませんでした。",
				"割れ物は二重箱に改め、出荷が予定より遅れたときは当日中に窓口からお知らせする。",
				"{name} 様\n\nこのたびは、楽しみにお待ちいただいていたお品でご迷惑をおかけし、誠に申し訳ありません。責任者の{agent}です。\n" +
					"原因は、倉庫の移転で割れ物の包み方の手順が引き継がれていなかったことでした。\n" +
					"割れ物は二重の箱に改め、遅れるときはその日のうちに私どもからお知らせいたします。",
			},
			"people": {
				"週末に届いたメールの確認を、誰が行うか決まっていませんでした。",
				"受付の確認を自動でお送りし、月曜の朝に当番が未返信を確かめる。",
				"{name} 様\n\nお返事をお待たせし、ご不安な思いをさせてしまい、誠に申し訳ありません。責任者の{agent}です。\n" +
					"原因は、週末に届いたメールを確かめる当番が決まっていなかったことでした。\n" +
					"お問い合わせを受け付けたことがすぐに届くように改め、月曜の朝に当番が必ず確かめます。",
			},
			"": {
				"商品の写真と寸法の説明が足りず、届いてから違いに気づかれることがありました。",
				"商品ページに実寸の図を載せ、検品の基準を一枚にまとめる。",
				"{name} 様\n\nご期待に沿えず、誠に申し訳ありません。責任者の{agent}です。\n" +
					"調べたところ、商品ページの説明が足りておりませんでした。実寸の図を加え、検品の基準も改めます。",
			},
		},
		FollowUp: map[int]string{5: "責任者の方から直接説明をいただき、納得できました。", 4: "きちんと直してくださったので、また利用します。", 3: "対応は丁寧でしたが、しばらく様子を見ます。", 2: "説明はいただきましたが、まだ不安が残ります。"},
	}
}

func larkfield() Company {
	return Company{
		Lang: "en", Name: "Larkfield Coffee", Zone: "Europe/London", Color: "#7a4a2b",
		InboxName: "Help", Address: "help@larkfield.example", Sender: "Larkfield Coffee",
		Signature: "Larkfield Coffee · help@larkfield.example\nMonday to Friday, 9 to 6",
		Items:     []string{"Harvest Blend", "Ethiopia Guji", "Quiet Morning decaf", "Colombia Huila", "Dockside Espresso", "Kenya Nyeri"},
		Agents: []Person{
			{"Nora Ellis", "nora@larkfield.example", "manager"},
			{"Tom Wright", "tom@larkfield.example", "agent"},
			{"Priya Shah", "priya@larkfield.example", "agent"},
		},
		Customers: mailed("post.example", [][2]string{
			{"Amelia Clarke", "amelia.clarke"}, {"Ben Foster", "ben.foster"}, {"Chloe Martin", "chloe.martin"}, {"David Okafor", "david.okafor"},
			{"Eve Lindqvist", "eve.lindqvist"}, {"Farid Rahimi", "farid.rahimi"}, {"Grace Turner", "grace.turner"}, {"Harry Walsh", "harry.walsh"},
			{"Imogen Reid", "imogen.reid"}, {"Jack Morris", "jack.morris"}, {"Kate Sullivan", "kate.sullivan"}, {"Liam Novak", "liam.novak"},
			{"Mia Hughes", "mia.hughes"}, {"Noah Bennett", "noah.bennett"}, {"Olive Parker", "olive.parker"}, {"Peter Mbeki", "peter.mbeki"},
			{"Quinn Harris", "quinn.harris"}, {"Rosa Delgado", "rosa.delgado"}, {"Sam Whitaker", "sam.whitaker"}, {"Tess Kaplan", "tess.kaplan"},
		}),
		Reasons: map[string]Reason{
			"billing": {
				"The payment provider repeated a batch; our side accepted the same batch number twice.",
				"Refuse a payment batch whose number has been booked, and compare bookings with the provider every morning.",
				"Hi {name},\n\nmy name is {agent} and I look after customer care at Larkfield. We charged you twice, and then we were slow to say so. I am sorry for both.\n" +
					"A payment batch was booked a second time. A batch that has been booked is now refused, and we compare our books with the provider every morning.",
			},
			"delivery": {
				"The courier's pick-up was missed on two Mondays and nobody told the customers.",
				"A second courier stands by, and a late box sends its own note the same morning.",
				"Hi {name},\n\nmy name is {agent}. Your box was late and you heard it from an empty tin, not from us. I am sorry.\n" +
					"A pick-up was missed. A second courier now stands by, and if a box is late we write to you the same morning.",
			},
			"people": {
				"Mail of a colleague who was off sick was not handed over.",
				"Unanswered mail is handed over every morning at ten.",
				"Hi {name},\n\nmy name is {agent}. You had to ask twice, and that is our fault. I am sorry.\n" +
					"Your mail sat with a colleague who was off sick. From now on unanswered mail is handed over every morning at ten.",
			},
			"": {
				"A returned bag was put back on the shelf.",
				"Returns no longer go back into stock.",
				"Hi {name},\n\nmy name is {agent}. What you got was not what we stand for, and I am sorry.\n" +
					"A returned bag had been put back on the shelf. Returns no longer go back into stock.",
			},
		},
		FollowUp: map[int]string{5: "Explained, refunded, fixed. Thank you.", 4: "All sorted.", 3: "Fair enough, but I will wait and see.", 2: "Still not sure it cannot happen again."},
	}
}

func mailed(domain string, people [][2]string) []Person {
	out := make([]Person, 0, len(people))
	for _, p := range people {
		out = append(out, Person{Name: p[0], Address: p[1] + "@" + domain, Role: "customer"})
	}
	return out
}
