/**
 * Who changes or reads a tenant's configuration. It is made by whoever checked a key or a session, never from input: the
 * tenant a request touches is always the actor's own.
 */
export interface Actor {
  /** What the audit log names: a key's or a user's id. */
  id: string;
  rootId: string;
  /** Where in the tree the actor stands: it sees and changes this organization and those below. */
  organizationId: string;
}
