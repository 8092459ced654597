"""Diffs that break services, and diffs that cannot. None of them is taken from a data set."""

from __future__ import annotations

import pytest

from afterword.core.diff import DiffJudgement, file_kind, judge, size, symptom_match


def kinds(judged: DiffJudgement) -> set[str]:
    return {e.kind for e in judged.effects if e.weight >= 0.3}


BREAKS = {
    "release moved behind an early return (python)": (
        "leak",
        "billing/charge.py",
        """
     conn = pool.acquire()
     row = conn.fetch(sql)
+    if row is None:
+        return None
     pool.release(conn)
     return row
""",
    ),
    "defer close removed (go)": (
        "leak",
        "svc/reader.go",
        """
 	rows, err := db.Query(q)
-	defer rows.Close()
 	for rows.Next() {
""",
    ),
    "try-with-resources undone (java)": (
        "leak",
        "src/main/java/Dao.java",
        """
-        try (Connection c = ds.getConnection()) {
-            return read(c);
-        }
+        Connection c = ds.getConnection();
+        return read(c);
""",
    ),
    "with statement undone (python)": (
        "leak",
        "jobs/export.py",
        """
-    with open(path) as f:
-        return parse(f)
+    f = open(path)
+    return parse(f)
""",
    ),
    "a client for every request (js)": (
        "leak",
        "api/users.js",
        """
 async function handler(req) {
+  const db = new PrismaClient();
   return db.user.count();
""",
    ),
    "query for every order (python)": (
        "n+1",
        "shop/views.py",
        """
     orders = Order.objects.all()[:100]
+    for order in orders:
+        order.customer = Customer.objects.get(id=order.customer_id)
     return render(orders)
""",
    ),
    "eager loading removed (django)": (
        "n+1",
        "shop/views.py",
        """
-    return Order.objects.select_related("customer").filter(open=True)
+    return Order.objects.filter(open=True)
""",
    ),
    "await in a loop (ts)": (
        "n+1",
        "src/cart.ts",
        """
-  const prices = await priceApi.getMany(ids);
+  for (const id of ids) {
+    prices.push(await priceApi.getOne(id));
+  }
""",
    ),
    "limit dropped (sql)": (
        "unbounded",
        "db/report.sql",
        """
-SELECT id FROM audit ORDER BY at DESC LIMIT 200
+SELECT id FROM audit ORDER BY at DESC
""",
    ),
    "index dropped (sql)": ("index", "migrations/0042.sql", "\n+DROP INDEX idx_orders_customer;\n"),
    "timeout cut (yaml)": (
        "timeout",
        "config/prod.yaml",
        """
 inventory:
-  timeout: 30s
+  timeout: 500ms
""",
    ),
    "timeout cut (java)": (
        "timeout",
        "src/main/java/Client.java",
        """
-        builder.readTimeout(Duration.ofSeconds(20));
+        builder.readTimeout(Duration.ofMillis(150));
""",
    ),
    "timeout cut, by the name of an environment variable (k8s)": (
        "timeout",
        "deploy/api.yaml",
        """
         env:
         - name: UPSTREAM_TIMEOUT_MS
-          value: "5000"
+          value: "100"
""",
    ),
    "pool shrunk (properties)": (
        "pool",
        "app.properties",
        "\n-spring.datasource.hikari.maximum-pool-size=50\n+spring.datasource.hikari.maximum-pool-size=5\n",
    ),
    "retries raised (toml)": ("retries", "client.toml", "\n-max_retries = 2\n+max_retries = 25\n"),
    "backoff gone (python)": (
        "backoff",
        "lib/call.py",
        """
 for attempt in range(5):
     if send(m): break
-    time.sleep(2 ** attempt)
""",
    ),
    "thread pool cut (java)": (
        "pool",
        "src/Exec.java",
        "\n-  pool = Executors.newFixedThreadPool(64);\n+  pool = Executors.newFixedThreadPool(2);\n",
    ),
    "guard for null gone (ts)": (
        "nil",
        "src/profile.ts",
        "\n-  return user.address?.city ?? '';\n+  return user.address.city;\n",
    ),
    "guard for null gone (c++)": (
        "nil",
        "src/route.cpp",
        """
-    if (peer == nullptr) {
-        return Status::Unavailable;
-    }
     peer->send(msg);
""",
    ),
    "default for a missing key gone (python)": (
        "nil",
        "svc/read.py",
        '\n-    region = body.get("region", "eu")\n+    region = body["region"]\n',
    ),
    "lock removed (python)": (
        "lock",
        "svc/count.py",
        """
-        with self._lock:
-            self.total += n
+        self.total += n
""",
    ),
    "synchronized removed (java)": (
        "lock",
        "src/Counter.java",
        "\n-    public synchronized void add(int n) {\n+    public void add(int n) {\n",
    ),
    "cache bypassed (python)": (
        "cache",
        "svc/price.py",
        """
-    hit = cache.get(key)
-    if hit:
-        return hit
     return load(key)
""",
    ),
    "single flight removed (go)": (
        "cache",
        "svc/load.go",
        "\n-\tv, err, _ := group.Do(key, fn) // singleflight\n-\tg singleflight.Group\n+\tv, err := fn()\n",
    ),
    "cache time cut (yaml)": ("cache", "conf.yaml", "\n cache:\n-  ttl: 3600\n+  ttl: 5\n"),
    "audience check changed (python)": (
        "validation",
        "auth/token.py",
        '\n-    claims = jwt.decode(raw, key, audience="api", algorithms=["RS256"])\n+    claims = jwt.decode(raw, key)\n',
    ),
    "field renamed (java)": (
        "schema",
        "src/OrderEvent.java",
        '\n-  @JsonProperty("order_id")\n+  @JsonProperty("orderId")\n   String id;\n',
    ),
    "field number changed (proto)": ("schema", "api/user.proto", "\n-  string email = 3;\n+  string email = 4;\n"),
    "field became required (json schema)": (
        "schema",
        "schema/order.json",
        '\n-  "required": ["id"]\n+  "required": ["id", "currency"]\n',
    ),
    "column dropped (sql)": ("migration", "migrations/7.sql", "\n+ALTER TABLE users DROP COLUMN nickname;\n"),
    "index built with a lock (sql)": ("migration", "migrations/8.sql", "\n+CREATE INDEX idx_big ON events (at);\n"),
    "debug in production (env)": ("logging", "prod.env", "\n-LOG_LEVEL=warn\n+LOG_LEVEL=debug\n"),
    "flag flipped (json)": ("flag", "flags/new_router.json", '\n-  "enabled": false\n+  "enabled": true\n'),
    "rollout to all (yaml)": ("flag", "flags/x.yaml", "\n-rollout_percentage: 1\n+rollout_percentage: 100\n"),
    "major bump (package.json)": ("dependency", "package.json", '\n-    "express": "^4.18.2",\n+    "express": "^5.0.0",\n'),
    "memory limit cut (k8s)": (
        "resources",
        "charts/api/values.yaml",
        "\n resources:\n   limits:\n-    memory: 2Gi\n+    memory: 256Mi\n",
    ),
    "map that only grows (go)": (
        "memory",
        "svc/seen.go",
        "\n+\ts.seen[req.ID] = req\n \treturn s.do(req)\n",
    ),
    "eviction removed (python)": (
        "memory",
        "svc/memo.py",
        "\n-@lru_cache(maxsize=1024)\n+@lru_cache(maxsize=None)\n def lookup(k):\n",
    ),
    "blocking call on the event loop (js)": (
        "blocking",
        "api/img.js",
        "\n-  const data = await fs.promises.readFile(p);\n+  const data = fs.readFileSync(p);\n",
    ),
    "unwrap (rust)": ("panic", "src/main.rs", "\n-    let n = parse(s)?;\n+    let n = parse(s).unwrap();\n"),
    "error swallowed (java)": (
        "swallowed",
        "src/Job.java",
        "\n+        try { save(x); } catch (Exception e) {}\n",
    ),
    "resolver changed (yaml)": ("address", "deploy/dns.yaml", "\n-nameserver: 10.0.0.2\n+nameserver: 10.9.9.9\n"),
    "host changed (toml)": ("address", "svc.toml", '\n-database_host = "db-primary"\n+database_host = "db-new"\n'),
    "certificate bundle changed (yaml)": ("certificate", "ingress.yaml", "\n-tls_cert: old.pem\n+tls_cert: new.pem\n"),
    "circuit breaker removed (java)": (
        "breaker",
        "src/Pay.java",
        '\n-    @CircuitBreaker(name = "pay")\n     public Receipt pay() {\n',
    ),
    "liveness probe tightened (k8s)": (
        "probe",
        "deploy/web.yaml",
        "\n livenessProbe:\n-  failureThreshold: 10\n+  failureThreshold: 1\n",
    ),
    "egress closed (k8s)": ("permission", "deploy/np.yaml", "\n+kind: NetworkPolicy\n+policyTypes: [Egress]\n"),
    "regular expression that backtracks (python)": (
        "cpu",
        "waf/rules.py",
        '\n+RULE = re.compile("(a+b*)+=x")\n',
    ),
}  # fmt: skip

CANNOT = {
    "only documentation": (["docs/api.md"], "\n-old words\n+new words\n", "anything"),
    "only tests": (["pkg/a_test.go"], "\n-\ttime.Sleep(1)\n+\ttime.Sleep(2)\n", "anything"),
    "only owners": (["CODEOWNERS"], "", "update owners"),
    "only styles": (["web/a.css"], "\n-a { padding: 1px }\n+a { padding: 2px }\n", "restyle"),
    "no diff, says style": (["pkg/a.go"], "", "style: gofmt"),
    "comment": (["a.go"], "\n-// five seconds\n+// five whole seconds\n \tx := 1\n", "clarify"),
    "comment (python)": (["a.py"], "\n-x = 1  # one\n+x = 1  # the one\n", "clarify"),
    "whitespace": (["a.js"], "\n-if(a){b( )}\n+if (a) { b() }\n", "format"),
    "imports sorted": (["a.py"], "\n-import sys\n-import os\n+import os\n+import sys\n", "sort"),
    "local renamed": (["a.go"], "\n-\tn := size(q)\n-\treturn use(n)\n+\tcount := size(q)\n+\treturn use(count)\n", "x"),
    "log text": (["a.go"], '\n-\tlog.Printf("got %d", n)\n+\tlog.Printf("received %d", n)\n', "x"),
    "log call over several lines": (
        ["a.go"],
        '\n-\tlog.Printf("got %d", n)\n+\tlogger.Info("got",\n+\t\t"n", n,\n+\t\t"id", id(ctx))\n',
        "x",
    ),
    "wording": (["a.go"], '\n-\t"recieved wrong answer"\n+\t"received wrong answer"\n', "x"),
    "version text": (["version.go"], '\n-const Version = "1"\n+const Version = "2"\n', "x"),
}  # fmt: skip


@pytest.mark.parametrize("name", BREAKS)
def test_mechanism_is_recognised(name: str) -> None:
    kind, path, diff = BREAKS[name]
    judged = judge(diff.strip("\n"), [path], "tidy")
    assert kind in kinds(judged), judged.effects
    assert not judged.harmless
    assert all(0 < e.weight <= 1 and e.says for e in judged.effects)


@pytest.mark.parametrize("name", BREAKS)
def test_with_git_headers_the_same_mechanism_is_recognised(name: str) -> None:
    kind, path, diff = BREAKS[name]
    whole = f"diff --git a/{path} b/{path}\nindex 12ab..34cd 100644\n--- a/{path}\n+++ b/{path}\n@@ -1,9 +1,9 @@\n{diff.strip(chr(10))}"
    assert kind in kinds(judge(whole, [], "tidy"))


@pytest.mark.parametrize("name", BREAKS)
def test_the_reverse_of_nothing_is_nothing(name: str) -> None:
    """The same lines removed and added again, in the same order: nothing changed."""
    _, path, diff = BREAKS[name]
    new = [line[1:] for line in diff.strip("\n").splitlines() if line[:1] != "-"]
    same = "\n".join([*("-" + x for x in new), *("+" + x for x in new)])
    assert judge(same, [path], "x").harmless == "changes only formatting or comments"


@pytest.mark.parametrize("name", CANNOT)
def test_exonerated_with_a_reason(name: str) -> None:
    files, diff, message = CANNOT[name]
    judged = judge(diff.strip("\n"), files, message)
    assert judged.harmless
    assert judged.effects == ()
    assert symptom_match(judged, "panic timeout", ["error_rate"]) == (0.0, judged.harmless)


MOVES = {
    "helper extracted, body in the diff": """
-    f = open(path)
-    try:
-        return f.read()
-    finally:
-        f.close()
+    return slurp(path)
+
+def slurp(path):
+    f = open(path)
+    try:
+        return f.read()
+    finally:
+        f.close()
""",
    "literal reordered": """
-    d = Decoder(size=4096)
-    d.strict = True
-    return d
+    return Decoder(
+        strict=True,
+        size=4096)
""",
    "bounds handed to a helper": """
-    if lat < -90 or lat > 90:
-        raise OutOfRange("lat", lat)
+    check_range("lat", lat, -90, 90, OutOfRange)
""",
}


@pytest.mark.parametrize("name", MOVES)
def test_what_only_moved_is_no_mechanism(name: str) -> None:
    judged = judge(MOVES[name].strip("\n"), ["svc/a.py"], "refactor")
    assert judged.weight <= 0.35, judged.effects


def test_old_and_new_value_are_said_and_the_ratio_counts() -> None:
    small = judge("-timeout: 30s\n+timeout: 25s", ["a.yaml"], "")
    large = judge("-timeout: 30s\n+timeout: 1s", ["a.yaml"], "")
    assert small.effects[0].says == "timeout 30s → 25s (lowered, × 0.833)"
    assert small.weight < large.weight
    assert large.effects[0].line == 2


def test_a_patch_bump_is_weak_but_not_nothing() -> None:
    judged = judge("-\tacme.io/x v1.2.3\n+\tacme.io/x v1.2.4", ["go.mod", "go.sum"], "bump")
    assert 0 < judged.weight < 0.1
    assert judged.effects[0].says == "acme.io/x 1.2.3 → 1.2.4 (patch)"


def test_files_by_kind() -> None:
    judged = judge("+x = 1", ["src/a.py", "tests/test_a.py", "deploy/a.yaml", "README.md"], "feat")
    assert judged.files == {
        "code": ("src/a.py",),
        "test": ("tests/test_a.py",),
        "config": ("deploy/a.yaml",),
        "docs": ("README.md",),
    }
    assert [file_kind(p) for p in ("go.mod", ".github/workflows/x.yml", "a.scss", "x.csv")] == [
        "dependency", "ci", "style", "data",
    ]  # fmt: skip


def test_without_a_diff_and_without_an_excuse_something_stays_possible() -> None:
    judged = judge("", ["svc/a.go"], "feat: new router")
    assert [e.kind for e in judged.effects] == ["unseen"]
    assert not judged.harmless


def test_a_removed_sql_comment_is_not_a_file_header() -> None:
    judged = judge("--- old hint\n-SELECT a FROM t LIMIT 5\n+SELECT a FROM t", ["q.sql"], "")
    assert "unbounded" in kinds(judged)


@pytest.mark.parametrize(
    ("value", "key", "number"),
    [("300ms", "", 0.3), ("512Mi", "memory", 2.0**29), ("250m", "cpu", 0.25), ("512m", "Xmx", 2.0**29), ("5m", "", 300.0),
     ("on", "", 1.0), ("debug", "log_level", 5.0), ("1_000", "", 1000.0), ("abc", "", None), ("5zz", "", None)],
)  # fmt: skip
def test_size_of_a_written_value(value: str, key: str, number: float | None) -> None:
    assert size(value, key) == number


SYMPTOMS = {
    "timeout cut (yaml)": ("call failed: context deadline exceeded", ["rpc_error_rate"]),
    "release moved behind an early return (python)": ("QueuePool limit reached, connection timed out: pool exhausted", ["db_pool_waiting"]),
    "lock removed (python)": ("fatal error: data race detected, panic", ["http_5xx_rate"]),
    "debug in production (env)": ("write failed: no space left on device, disk full", ["disk_used_pct"]),
    "memory limit cut (k8s)": ("Container killed: OOMKilled, out of memory", ["pod_restarts", "memory_working_set"]),
    "field renamed (java)": ("deserialize failed: missing required field order_id", ["consumer_lag"]),
    "column dropped (sql)": ('ERROR: column "nickname" does not exist', ["db_errors"]),
    "resolver changed (yaml)": ("dial tcp: lookup db: no such host", ["dns_lookup_failures"]),
}  # fmt: skip


@pytest.mark.parametrize("name", SYMPTOMS)
def test_what_was_seen_points_to_its_own_mechanism(name: str) -> None:
    """Among all the changes of this file, the one that fits the symptom scores highest."""
    text, indicators = SYMPTOMS[name]
    scores = {n: symptom_match(judge(d.strip("\n"), [p], ""), text, indicators)[0] for n, (_, p, d) in BREAKS.items()}
    kind = BREAKS[name][0]
    best = max(scores, key=lambda n: scores[n])
    assert BREAKS[best][0] == kind, sorted(scores.items(), key=lambda kv: -kv[1])[:4]
    assert scores[name] > 0.4


def test_no_agreement_is_said() -> None:
    judged = judge("-timeout: 30s\n+timeout: 1s", ["a.yaml"], "")
    assert symptom_match(judged, "certificate has expired", []) == (0.0, "nothing that was seen fits what it can do")


def test_any_bytes_are_survived() -> None:
    for diff in (
        "+",
        "-",
        "@@",
        "--- \n+++ ",
        "+\x00\ufffd((((",
        "+" + "(" * 5000,
        "-a: *\n+b: &x [",
        "+++ b/x",
        "é" * 10,
    ):
        assert isinstance(judge(diff, [], ""), DiffJudgement)
