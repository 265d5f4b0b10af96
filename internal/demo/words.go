package demo

import "strings"

// words are what the manager writes and notes while working on a case.
func (s *stage) words(name, agent string) map[string]string {
	if s.Lang == "ja" {
		agent, _, _ = strings.Cut(agent, " ")
		return map[string]string{
			"name": name, "agent": agent,
			"apology": name + " 様\n\nこのたびはご期待に沿えず、誠に申し訳ありません。お客様窓口の責任者、" + agent + "です。\n" +
				"いただいたお言葉はすべて読みました。何が起きたのかを私が調べ、明日の営業時間内に必ずご報告いたします。",
			"promise":  "調べた結果を、翌営業日中にご報告する",
			"listened": "お電話で経緯を伺い、こちらの理解に違いがないことを確かめました。",
			"agree": name + " 様\n\nご報告した対策を、来週までに終えることをお約束いたします。\n" +
				"終わりましたら、あらためてご連絡いたします。ご不明な点は、このメールにご返信ください。",
			"remedied": "お詫びの品をお送りし、お受け取りを確認しました。",
			"confirm":  name + " 様\n\nお約束した対応が完了しました。その後、ご不便はございませんでしょうか。\n少しでも気になることがありましたら、私にお知らせください。",
			"learned":  "朝礼で共有し、手順書を改めました。",
			"gift":     "次のご注文にお使いいただけるお詫びのクーポン",
		}
	}
	first, _, _ := strings.Cut(name, " ")
	boss, _, _ := strings.Cut(agent, " ")
	return map[string]string{
		"name": first, "agent": boss,
		"apology": "Hi " + first + ",\n\nmy name is " + boss + " and I look after customer care here. We let you down, and I am sorry.\n" +
			"I have read everything you wrote. I am finding out what happened and will write to you by the end of the next working day.",
		"promise":  "Write by the end of the next working day with what happened",
		"listened": "Called, listened, and repeated what I understood; the customer agreed with it.",
		"agree": "Hi " + first + ",\n\nthe changes I described will be in place by next week; I will write again when they are.\n" +
			"If anything else is on your mind, just answer this mail.\n\n" + boss,
		"remedied": "Credit booked and confirmed.",
		"confirm":  "Hi " + first + ",\n\nthe changes are in place. Has everything been as it should be since?\nIf not, please tell me.\n\n" + boss,
		"learned":  "Shared in the Monday round; checklist changed.",
		"gift":     "Credit on the next order, with our apology",
	}
}
