import { describe, expect, it } from 'vitest'
import { course, moments, type Reaction, type Reactions, type Tension } from '../src/lib/reactions'

const reaction = (id: string, utc: string, party: string | null, to: string[]): Reaction => ({
  reaction_id: id, actor: { party, person: null, office: null }, addressees: to, kind: 'act', when: { utc, text: utc, precision: 'day' },
  words: null, language: null, translated: false, act: 'x', source: { publisher: 'p', address: 'a', date: '2025' }, reliability: 'B2',
  code_text: '', score: null, rung: null, incidents: [], corrects: null, status: 'in force', corrected_by: null, retraction: null, disputes: [],
})
const shown: Reactions = {
  register: 'r', earlier: 0, pair_rule: '', contradictions: [], tension: { formula: '', pairs: [] }, set_aside: 0, breaks: [],
  reactions: [reaction('b', '2025-09-20T00:00:00Z', 'RUS', ['EST']), reaction('a', '2025-09-19T00:00:00Z', null, [])],
  occasions: [{ occasion_id: 'V', kind: 'incident', when: { utc: '2025-09-19T00:00:00Z', text: '' }, parties: ['EST'], title: '', severity: null }],
  pairs: [{ before_id: 'V', reaction_id: 'b', order_sure: true, reason: 'r' }],
}

describe('the time line', () => {
  it('is in order of time, what happened before what was said of it', () => {
    expect(moments(shown, '').map((m) => m.id)).toEqual(['V', 'a', 'b'])
    expect(moments(shown, '')[2].after).toHaveLength(1)
    expect(moments(shown, '')[0].before).toHaveLength(1)
  })
  it('shows what a party did, what was done to it, and what nobody is named for', () => {
    expect(moments(shown, 'EST').map((m) => m.id)).toEqual(['V', 'b'])
    expect(moments(shown, 'unnamed').map((m) => m.id)).toEqual(['a'])
    expect(moments(shown, 'POL')).toEqual([])
  })
})

describe('a curve', () => {
  it('stays in its box, on one scale for all', () => {
    const one = { course: [[0, 0], [10, 2]] } as Tension
    const other = { course: [[0, 4], [10, 1]] } as Tension
    expect(course(one.course!, 100, 26, [one, other])).toBe('0.0,25.0 100.0,13.5')
    expect(course([], 100, 26, [])).toBe('')
    expect(course([[5, 0], [5, 0]], 100, 26, [])).not.toContain('NaN')
  })
})
