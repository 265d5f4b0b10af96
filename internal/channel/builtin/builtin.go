// Package builtin is the one explicit list of the channels that come with the product.
package builtin

import (
	"github.com/kintsugi-desk/kintsugi/internal/channel"
	"github.com/kintsugi-desk/kintsugi/internal/channel/email"
	"github.com/kintsugi-desk/kintsugi/internal/channel/form"
	"github.com/kintsugi-desk/kintsugi/internal/channel/hook"
	"github.com/kintsugi-desk/kintsugi/internal/channel/line"
	"github.com/kintsugi-desk/kintsugi/internal/channel/meta/messenger"
	"github.com/kintsugi-desk/kintsugi/internal/channel/meta/whatsapp"
	"github.com/kintsugi-desk/kintsugi/internal/channel/telegram"
	"github.com/kintsugi-desk/kintsugi/internal/channel/twilio/sms"
	"github.com/kintsugi-desk/kintsugi/internal/channel/twilio/voice"
	"github.com/kintsugi-desk/kintsugi/internal/channel/vonage"
	"github.com/kintsugi-desk/kintsugi/internal/channel/webchat"
)

// Kinds lists every channel in the order in which settings offer them. Adding one
// is one folder and one line here.
func Kinds() []channel.Kind {
	return []channel.Kind{
		email.Kind,
		webchat.Kind,
		line.New(),
		whatsapp.Kind,
		messenger.Kind,
		messenger.Instagram,
		telegram.Kind,
		sms.Kind,
		voice.Kind,
		vonage.Kind,
		hook.Kind,
		form.Kind,
		form.Anonymous,
	}
}
