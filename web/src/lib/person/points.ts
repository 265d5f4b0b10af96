// What kinds of addresses are none: they stand for somebody who left no way of
// being reached, recorded by name alone or writing by a form.
const nowhere = ['record', 'form']

/** Whether somebody can be written to or called at an address of this kind. */
export const reaches = (kind: string): boolean => !nowhere.includes(kind)
