/** What a route answers. */

export interface Reply {
  status: number
  body: unknown
  headers: Record<string, string>
}

export const ok = (body: unknown, headers: Record<string, string> = {}): Reply => ({ status: 200, body, headers })

export const refuse = (status: number, description: string, headers: Record<string, string> = {}): Reply => ({
  status,
  body: { description },
  headers,
})
