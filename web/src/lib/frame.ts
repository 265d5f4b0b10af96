/**
 * Runs `work` at most once a frame, however often it is asked. A hidden page has
 * no frames, so a timer stands in there.
 */
export function frame(work: () => void): () => void {
  let asked = false
  const run = () => {
    if (!asked) return
    asked = false
    work()
  }
  return () => {
    if (asked) return
    asked = true
    if (typeof requestAnimationFrame === 'function' && !document.hidden) requestAnimationFrame(run)
    else setTimeout(run, 50)
  }
}
