import type * as api from './api'
import type * as contract from './contract'
import type * as council from './council'
import type * as nodes from './nodes'

/** Seen by `npm run check`: each answer that the servers document is one that the page understands. */

type Fits<Given extends Wanted, Wanted> = Given
export type Answers = [
  Fits<api.HelloMessage, { type: 'hello' } & contract.Hello>,
  Fits<api.Incident, contract.Incident>,
  Fits<api.FeedHealth, contract.FeedHealth>,
  Fits<api.SensorBias, contract.SensorBias>,
  Fits<api.LedgerState, contract.Ledger>,
  Fits<api.TrackName, contract.TrackName>,
  Fits<api.ZoneProperties, contract.ZoneProperties>,
  Fits<api.Explanation, contract.Explanation>,
  Fits<api.Desk, { type: 'desk' } & contract.DeskFrame>,
  Fits<api.TimeMessage, { type: 'time' } & contract.Course>,
  Fits<api.Message, contract.TextFrame>,
  Fits<api.Council, council.Council>,
  Fits<api.Cover, council.Cover>,
  Fits<api.NodeStatus, nodes.NodeStatus>,
  Fits<api.SharedObject, nodes.SharedObject>,
]
