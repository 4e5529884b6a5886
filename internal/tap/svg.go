package tap

import (
	"fmt"
	"html"
	"strings"
	"time"

	"echolab/internal/proxy"
)

// Where things stand in the picture, in its own units.
const (
	clientX, proxyX, serverX = 110, 410, 710
	firstY, leastStep        = 90, 34 // an arrow and its words need so much
	longest                  = 400    // units for the whole time
)

// SVG is the events as a sequence diagram: time goes down, to scale wherever the
// words leave room for it. It is readable on light and on dark pages, and what it
// shows stands in it as text, for whoever hears it read.
func SVG(events []Event) string {
	ys, bottom := places(events)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 820 %d" role="img" aria-labelledby="title desc" font-family="system-ui, sans-serif" font-size="13">
<title id="title">What passed between client and server</title>
<desc id="desc">%s</desc>
<style>
.ink { fill: #1f2328; stroke: #ffffff; stroke-width: 4px; paint-order: stroke } /* words stand clear of lines */
@media (prefers-color-scheme: dark) {
  .page { fill: #16181d } .ink { fill: #e6e6e6; stroke: #16181d } .line { stroke: #7d8590 }
  .up { stroke: #58a6ff; fill: #58a6ff } .down { stroke: #56d364; fill: #56d364 } .fault { stroke: #ff7b72; fill: #ff7b72 }
}
</style>
<rect class="page" width="820" height="%d" fill="#ffffff"/>
`, bottom+30, html.EscapeString(described(events)), bottom+30)
	for _, end := range []struct {
		x    int
		name string
	}{{clientX, "client"}, {proxyX, "proxy"}, {serverX, "server"}} {
		fmt.Fprintf(&b, `<text class="ink" x="%d" y="40" text-anchor="middle" font-weight="bold">%s</text>
<line class="line" x1="%d" y1="52" x2="%d" y2="%d" stroke="#8c959f"/>
`, end.x, end.name, end.x, end.x, bottom)
	}
	for i, e := range events {
		draw(&b, e, ys[i])
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// places gives each event its height, and where the lines end.
func places(events []Event) (ys []int, bottom int) {
	bottom = firstY
	if len(events) == 0 {
		return nil, bottom
	}
	begin := events[0].At
	whole := max(events[len(events)-1].At-begin, time.Microsecond)
	y := firstY - leastStep
	for _, e := range events {
		y = max(y+leastStep, firstY+int(longest*(e.At-begin)/whole))
		ys = append(ys, y)
	}
	return ys, y + 30
}

// draw writes one event: an arrow from one end to the other, or what the proxy did.
func draw(b *strings.Builder, e Event, y int) {
	class, colour, from, to, tip := "down", "#1a7f37", serverX, clientX, 9
	if e.Up {
		class, colour, from, to, tip = "up", "#0969da", clientX, serverX, -9
	}
	words := html.EscapeString(shorten(e.Words()))
	fmt.Fprintf(b, `<text class="ink" x="8" y="%d" font-size="11">%.3f ms</text>`+"\n", y+4, e.At.Seconds()*1000)
	if e.Kind == proxy.Act {
		fmt.Fprintf(b, `<circle class="fault" cx="%d" cy="%d" r="6" fill="#cf222e"/><text class="ink" x="%d" y="%d">%s</text>`+"\n",
			proxyX, y, proxyX+14, y+5, words)
		return
	}
	dash := ""
	if e.Kind != proxy.Data {
		dash = ` stroke-dasharray="5 4"`
	}
	fmt.Fprintf(b, `<line class="%s" x1="%d" y1="%d" x2="%d" y2="%d" stroke="%s" stroke-width="2"%s/><path class="%s" d="M%d %d l%d -5 v10 z" fill="%s"/>`+"\n",
		class, from, y, to, y, colour, dash, class, to, y, tip, colour)
	fmt.Fprintf(b, `<text class="ink" x="%d" y="%d" text-anchor="middle">%s</text>`+"\n", proxyX, y-6, words)
}

// described is the picture in words.
func described(events []Event) string {
	var lines []string
	for _, e := range events {
		way := "down"
		if e.Up {
			way = "up"
		}
		lines = append(lines, fmt.Sprintf("%.3f ms, %s: %s.", e.At.Seconds()*1000, way, e.Words()))
	}
	return strings.Join(lines, " ")
}
