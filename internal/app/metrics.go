package app

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/kintsugi-desk/kintsugi/internal/desk/team"
	"github.com/kintsugi-desk/kintsugi/internal/front/webhook"
	"github.com/kintsugi-desk/kintsugi/internal/kit/job"
)

// metrics is what /metrics shows.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
	calls    *prometheus.CounterVec // of channels' other sides, by what became of them
}

func newMetrics(a *App) *metrics {
	m := &metrics{registry: prometheus.NewRegistry()}
	m.requests = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "kintsugi_http_request_seconds", Help: "Time to answer a request.",
		Buckets: []float64{.001, .002, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
	}, []string{"area", "method", "status"})
	m.calls = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "kintsugi_hook_calls_total", Help: "Calls of the other sides of channels, by what became of them."}, []string{"result"})
	for _, result := range webhook.Results() { // also what has not happened yet is a series
		m.calls.WithLabelValues(result)
	}
	m.registry.MustRegister(m.requests, m.calls, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), stateCollector{a})
	return m
}

// request counts one request; paths are folded into areas so that ids make no series.
func (m *metrics) request(r *http.Request, status int, took time.Duration) {
	area := "app"
	if rest, ok := strings.CutPrefix(r.URL.Path, "/api/v1/"); ok {
		area, _, _ = strings.Cut(rest, "/")
	} else if strings.HasPrefix(r.URL.Path, "/s/") {
		area = "survey"
	}
	if status == http.StatusNotFound {
		area = "unknown"
	}
	method := r.Method
	if !strings.Contains(" GET HEAD POST PUT PATCH DELETE ", " "+method+" ") {
		method = "other"
	}
	m.requests.WithLabelValues(area, method, strconv.Itoa(status)).Observe(took.Seconds())
}

// serveMetrics answers this machine, and whoever may read jobs.
func (a *App) serveMetrics(w http.ResponseWriter, r *http.Request) {
	if !a.mayWatch(r) {
		http.Error(w, "metrics are for this machine, or for a key of a manager or administrator", http.StatusForbidden)
		return
	}
	promhttp.HandlerFor(a.metrics.registry, promhttp.HandlerOpts{}).ServeHTTP(w, r)
}

// mayWatch reports whether a request comes from this machine, or from somebody
// who may read jobs.
func (a *App) mayWatch(r *http.Request) bool {
	if fromHere(r) {
		return true
	}
	who, err := a.api.Identify(r)
	return err == nil && who.Can(team.JobRead)
}

// stateCollector reads the database when somebody asks, not on a ticker.
type stateCollector struct{ app *App }

var (
	jobsDesc  = prometheus.NewDesc("kintsugi_jobs", "Duties by state; stranded are those among the ready that this node does not do and nobody took for an hour.", []string{"state"}, nil)
	lateDesc  = prometheus.NewDesc("kintsugi_jobs_late_seconds", "How late the oldest due duty is.", nil, nil)
	inboxDesc = prometheus.NewDesc("kintsugi_inbox_ok", "Whether an inbox worked the last time it was tried.", []string{"inbox"}, nil)
	liveDesc  = prometheus.NewDesc("kintsugi_live_connections", "Browsers connected to this node.", nil, nil)
	readyDesc = prometheus.NewDesc("kintsugi_ready", "Whether the instance is ready.", nil, nil)
)

// Describe implements prometheus.Collector.
func (c stateCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{jobsDesc, lateDesc, inboxDesc, liveDesc, readyDesc} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (c stateCollector) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := contextWithTimeout(readyTimeout)
	defer cancel()
	r := c.app.Ready(ctx)
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	gauge(jobsDesc, float64(r.Jobs.Ready), "ready")
	gauge(jobsDesc, float64(r.Jobs.Running), "running")
	gauge(jobsDesc, float64(r.Jobs.Dead), "dead")
	gauge(jobsDesc, float64(stranded(r.Jobs.Stranded)), job.StateStranded)
	gauge(lateDesc, r.Jobs.LateSeconds)
	gauge(liveDesc, float64(r.Nodes.Connections))
	gauge(readyDesc, flag(r.Ready))
	for _, i := range r.Inboxes {
		gauge(inboxDesc, flag(i.OK), i.Name)
	}
}

func stranded(kinds []StrandedJobs) (n int) {
	for _, k := range kinds {
		n += k.Count
	}
	return n
}

func flag(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
