// Replies of the played Bluesky, and the recorded ones, against the service's published schemas (@atproto/api).
// node check.mjs MODULES BASE FILE...
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const [modules, base, ...files] = process.argv.slice(2)
const { lexicons } = createRequire(`${modules}/`)('@atproto/api')
const ask = async (method, query) => {
  // What we ask for has to be what the schema lets one ask for.
  lexicons.assertValidXrpcParams(method, Object.fromEntries(query))
  const url = `${base}/xrpc/${method}?${new URLSearchParams(query.map(([k, v]) => [k, String(v)]))}`
  const reply = await fetch(url, { headers: { 'user-agent': 'rapport/test' } })
  const body = await reply.json()
  lexicons.assertValidXrpcOutput(method, body)
  return body
}
let checked = 0
const record = (post) => {
  lexicons.assertValidRecord('app.bsky.feed.post', post.record)
  checked += 1
}
const search = 'app.bsky.feed.searchPosts'
const found = await ask(search, [['q', '#relay'], ['sort', 'latest'], ['limit', 100], ['tag', ['relay']], ['until', '2030-01-01T00:00:00.000Z']])
found.posts.forEach(record)
for (const post of found.posts.filter((p) => p.replyCount > 0)) {
  const { thread } = await ask('app.bsky.feed.getPostThread', [['uri', post.uri], ['depth', 1000], ['parentHeight', 0]])
  thread.replies.forEach((reply) => record(reply.post))
}
for (const file of files) {
  const body = JSON.parse(readFileSync(file, 'utf8'))
  const method = body.feed ? 'app.bsky.feed.getAuthorFeed' : search
  lexicons.assertValidXrpcOutput(method, body)
  ;(body.posts ?? body.feed.map((view) => view.post)).forEach(record)
}
lexicons.assertValidXrpcParams('app.bsky.feed.getAuthorFeed', { actor: 'ada-k.tidewater.example', filter: 'posts_with_replies', limit: 100, cursor: 'x' })
console.log(checked)
