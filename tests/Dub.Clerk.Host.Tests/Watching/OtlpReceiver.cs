using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Dub.Clerk.Host.Tests.Watching;

/// <summary>Takes telemetry as a collector does: OTLP over HTTP, in Protocol Buffers.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly ConcurrentQueue<byte[]> _traces = new();
    private readonly ConcurrentQueue<byte[]> _metrics = new();
    private readonly WebApplication _web;

    private OtlpReceiver(WebApplication web) => _web = web;

    public string Address => _web.Urls.First();

    public IReadOnlyList<ReceivedSpan> Spans =>
    [
        .. from request in _traces
           from resource in new ProtoMessage(request).Messages(1)
           from scope in resource.Messages(2)
           from span in scope.Messages(2)
           select new ReceivedSpan(scope.Message(1)!.Text(1), span.Text(5), span.Hex(1), span.Hex(2), span.Hex(4), Attributes(span, 9)),
    ];

    public IReadOnlyList<ReceivedMetric> Metrics =>
    [
        .. from request in _metrics
           from resource in new ProtoMessage(request).Messages(1)
           from scope in resource.Messages(2)
           from metric in scope.Messages(2)
           select new ReceivedMetric(scope.Message(1)!.Text(1), metric.Text(1), metric.Text(3), [.. Points(metric)]),
    ];

    /// <summary>What the senders of spans call themselves. Metrics that are asked for as often as here may be sent before their provider knows.</summary>
    public IEnumerable<string> Services
        => _traces.SelectMany(request => new ProtoMessage(request).Messages(1)).Select(resource => Attributes(resource.Message(1)!, 1)["service.name"]);

    /// <summary>Everything that was sent, as text where it is text.</summary>
    public string Raw => string.Concat(_traces.Concat(_metrics).Select(Encoding.Latin1.GetString));

    public static async Task<OtlpReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var web = builder.Build();
        web.Urls.Add("http://127.0.0.1:0");
        var receiver = new OtlpReceiver(web);
        web.MapPost("/v1/traces", context => TakeAsync(context, receiver._traces));
        web.MapPost("/v1/metrics", context => TakeAsync(context, receiver._metrics));
        await web.StartAsync();
        return receiver;
    }

    public ValueTask DisposeAsync() => _web.DisposeAsync();

    private static async Task TakeAsync(HttpContext context, ConcurrentQueue<byte[]> taken)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        taken.Enqueue(body.ToArray());

        // An empty response says that everything was taken.
        context.Response.ContentType = "application/x-protobuf";
    }

    /// <summary>Gauges, sums and histograms keep their points alike, and a histogram's points have their attributes elsewhere.</summary>
    private static IEnumerable<Dictionary<string, string>> Points(ProtoMessage metric)
        => from kind in new[] { 5, 7, 9 }
           where metric.Has(kind)
           from point in metric.Message(kind)!.Messages(1)
           select Attributes(point, kind == 9 ? 9 : 7);

    private static Dictionary<string, string> Attributes(ProtoMessage message, int number)
        => message.Messages(number).ToDictionary(
            attribute => attribute.Text(1),
            attribute => attribute.Message(2) is { } value && value.Has(3) ? value.Number(3).ToString(System.Globalization.CultureInfo.InvariantCulture) : attribute.Message(2)?.Text(1) ?? string.Empty);
}

internal sealed record ReceivedSpan(string Source, string Name, string TraceId, string SpanId, string ParentId, IReadOnlyDictionary<string, string> Attributes);

internal sealed record ReceivedMetric(string Meter, string Name, string Unit, IReadOnlyList<IReadOnlyDictionary<string, string>> Points);
