import type * as api from './api'
import type * as contract from './contract'
import type * as council from './council'
import type * as nodes from './nodes'

/** Seen by `npm run check`: the page's own lists and types are what the servers document. */

type Fits<Given extends Wanted, Wanted> = Given
export type Answers = [
  Fits<api.Named['class'], contract.ObjectClass>,
  Fits<contract.ObjectClass, api.Named['class']>,
  Fits<api.Named['identity'], contract.Identity>,
  Fits<contract.Identity, api.Named['identity']>,
  Fits<api.Council, council.Council>,
  Fits<api.Cover, council.Cover>,
  Fits<api.NodeStatus, nodes.NodeStatus>,
  Fits<api.SharedObject, nodes.SharedObject>,
]
