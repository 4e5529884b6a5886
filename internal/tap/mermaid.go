package tap

import (
	"fmt"
	"strings"

	"echolab/internal/proxy"
)

// Mermaid is the events as a Mermaid block, which many readers of Markdown draw.
func Mermaid(events []Event) string {
	var b strings.Builder
	b.WriteString("```mermaid\nsequenceDiagram\n  participant C as client\n  participant P as proxy\n  participant S as server\n")
	for _, e := range events {
		words := fmt.Sprintf("%.3f ms · %s", e.At.Seconds()*1000, plainly.Replace(shorten(e.Words())))
		switch {
		case e.Kind == proxy.Act:
			fmt.Fprintf(&b, "  Note over P: %s\n", words)
		case e.Up:
			fmt.Fprintf(&b, "  C->>S: %s\n", words)
		default:
			fmt.Fprintf(&b, "  S->>C: %s\n", words)
		}
	}
	b.WriteString("```\n")
	return b.String()
}

// plainly takes out what ends a line of Mermaid, or begins an entity.
var plainly = strings.NewReplacer(";", "#59;", "#", "#35;", "<", "#lt;", ">", "#gt;", "`", "#96;")

// shorten is text as far as there is room for it in a diagram.
func shorten(text string) string {
	const most = 62
	if r := []rune(text); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return text
}
