// Package recovery wins back customers after a failure.
//
// A dissatisfied answer, a complaint tag or an agent's button opens a [Case],
// once for each of these sources. Its severity is computed from inputs that are
// shown; by rule it gets an owner and a playbook whose steps have clocks in the
// brand's business hours. An overdue step is escalated, hour by hour, until
// somebody takes it.
//
// Invariants, whatever the order of commands:
//
//   - one case a source; a further failure in the same conversation joins the
//     case that is still open there
//   - no case is closed without its gate: root cause, measure, customer informed,
//     no promise open
//     (which of them a hand-given outcome needs stands in one table, see [Missing])
//   - only the customer's answer makes a case recovered
//   - nobody gives more than their authority, and nobody approves what they
//     proposed beyond it
//   - a taken, finished or skipped step is not escalated
//
// Facts in: survey.responded, survey.unanswered, survey.skipped,
// conversation.tagged, conversation.merged, conversation.unmerged,
// customer.merged, customer.parted, delivery.changed, agent.updated.
// Facts out: case.opened, case.updated, case.escalated, case.closed,
// promise.broken.
package recovery
