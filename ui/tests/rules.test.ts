import { describe, expect, it } from 'vitest'
import type { Judged, Proposal } from '../src/lib/contract'
import { differs } from '../src/lib/rules'

const proposal = (rule: string, measures: string[]): Proposal => ({
  rule, measures, measures_text: measures, withheld: [], not_permitted: 'n', authority: 'a', deadline: 'd', deadline_s: null, reasons: [], sources: [],
})
const judged = (output: Judged['output'], force_question: Judged['force_question'], ...proposals: Proposal[]) => ({ output, force_question, proposals })

describe('two rule sets about one incident', () => {
  it('differ in nothing where they say the same, whatever their reasons and order', () => {
    const [a, b] = [proposal('R02', ['M01']), proposal('R05', ['M00'])]
    expect(differs(judged('IDENTIFY', 'never', a, b), judged('IDENTIFY', 'never', { ...b, reasons: ['x'] }, a))).toEqual([])
  })
  it('differ in advice, force question, and in rules that say otherwise or apply by one only', () => {
    const one = judged('IDENTIFY', 'never', proposal('R02', ['M01']), proposal('R05', ['M00']))
    const other = judged('MONITOR', 'closed', proposal('R02', ['M01', 'M02']), proposal('R07', ['M00']))
    expect(differs(one, other)).toEqual(['output', 'force', 'R02', 'R05', 'R07'])
    expect(differs(other, one).sort()).toEqual(['R02', 'R05', 'R07', 'force', 'output'])
  })
})
