using System.Diagnostics;
using OpenTelemetry;

namespace Dub.Clerk.Host.Diagnostics;

/// <summary>Takes from the spans of ASP.NET Core and HttpClient what may name a person or a click, before they are sent: addresses, whose paths and queries
/// hold ids, and what a browser says of itself. Routes say what was asked for.</summary>
internal sealed class SpanCleaner : BaseProcessor<Activity>
{
    private static readonly string[] Personal =
        ["url.path", "url.query", "user_agent.original", "client.address", "client.port", "network.peer.address", "network.peer.port", "http.request.method_original"];

    public override void OnEnd(Activity data)
    {
        foreach (var name in Personal)
        {
            data.SetTag(name, null);
        }

        if (data.GetTagItem("url.full") is string address)
        {
            data.SetTag("url.full", Uri.TryCreate(address, UriKind.Absolute, out var uri) ? uri.GetLeftPart(UriPartial.Authority) : null);
        }
    }
}
