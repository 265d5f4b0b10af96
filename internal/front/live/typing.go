package live

// OnTyping lets hear be told whether any agent types in a conversation, each time
// that may have changed. It is called before the hub runs, and must not wait.
func (h *Hub) OnTyping(hear func(conversation string, on bool)) { h.typing = hear }

// CustomerTypes tells the agents who look at a conversation whether its customer
// types. Whoever says that they do says later that they do not.
func (h *Hub) CustomerTypes(conversation string, on bool) {
	h.mu.Lock()
	changed := h.customers[conversation] != on
	if on {
		h.customers[conversation] = true
	} else {
		delete(h.customers, conversation)
	}
	h.mu.Unlock()
	if changed {
		h.showPresence(conversation)
	}
}
