// What the frame around the pages remembers.
class Shell {
  /** Navigation folded to icons (wide screens). */
  folded = $state(localStorage.getItem('kintsugi.nav') === 'folded')
  /** Navigation pulled out over the page (narrow screens). */
  drawer = $state(false)
  palette = $state(false)
  sheet = $state(false)

  fold(): void {
    this.folded = !this.folded
    try {
      localStorage.setItem('kintsugi.nav', this.folded ? 'folded' : 'open')
    } catch {
      // Private mode: remembered until the page is left.
    }
  }
}
export const shell = new Shell()
