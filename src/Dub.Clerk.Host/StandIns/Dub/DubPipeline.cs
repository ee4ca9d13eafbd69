using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Connections.Features;

namespace Dub.Clerk.Host.StandIns;

/// <summary>The fault that the call's endpoint itself has to inject.</summary>
internal sealed record InjectedFault(FaultKind Kind)
{
    public static FaultKind? Of(HttpContext context) => context.Features.Get<InjectedFault>()?.Kind;
}

/// <summary>Every API call passes here: it is counted, it may be given a fault, and it is checked.</summary>
internal sealed class DubPipeline(
    RequestDelegate next, DubCalls calls, FaultPlan faults, DubGate gate, DubStandInOptions options, IHostApplicationLifetime lifetime)
{
    private const string HtmlPage = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><center><h1>502 Bad Gateway</h1></center></body>\r\n</html>\r\n";

    /// <summary>Until when an injected 429 says to wait.</summary>
    private static readonly TimeSpan InjectedWait = TimeSpan.FromSeconds(1);

    public async Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint() is not RouteEndpoint route || route.Metadata.GetMetadata<DubEndpoint>() is not { } endpoint)
        {
            await next(context);
            return;
        }

        var call = await DubCall.ReadAsync(context.Request, "/" + route.RoutePattern.RawText!.Trim('/'));
        calls.Add(call);
        var drawn = faults.Draw(call);
        if (drawn is FaultKind.KeyTakenThenLost or FaultKind.LeadNeverRecorded)
        {
            // The endpoint counts them, which alone knows whether they take place.
            context.Features.Set(new InjectedFault(drawn.Value));
            drawn = null;
        }

        if (drawn is not { } fault)
        {
            await AnswerAsync(context, endpoint);
            return;
        }

        faults.Count(fault);
        if (!await TryFailBeforeAsync(context, endpoint, fault))
        {
            await FailAfterAsync(context, endpoint, fault);
        }
    }

    private async Task AnswerAsync(HttpContext context, DubEndpoint endpoint)
    {
        if (gate.Check(context, endpoint) is { } refusal)
        {
            await refusal.ExecuteAsync(context);
        }
        else
        {
            await next(context);
        }
    }

    private async Task<bool> TryFailBeforeAsync(HttpContext context, DubEndpoint endpoint, FaultKind fault)
    {
        switch (fault)
        {
            case FaultKind.TooManyRequests:
                DubGate.TellLimit(context, endpoint.IsAnalytics ? options.EventsLimit : options.Limit, 0, options.Time.GetUtcNow() + InjectedWait);
                await DubReply.TooManyRequests().ExecuteAsync(context);
                return true;
            case FaultKind.ServerErrorBefore:
                await DubReply.ServerError().ExecuteAsync(context);
                return true;
            case FaultKind.Unauthorized:
                await DubGate.RefuseKey().ExecuteAsync(context);
                return true;
            case FaultKind.Forbidden:
                await DubGate.Forbid(endpoint).ExecuteAsync(context);
                return true;
            case FaultKind.TimeoutBefore:
                await HoldAsync(context);
                return true;
            case FaultKind.ResetBefore:
                Reset(context);
                return true;
            default:
                return false;
        }
    }

    private async Task FailAfterAsync(HttpContext context, DubEndpoint endpoint, FaultKind fault)
    {
        var body = await CaptureAsync(context, endpoint);
        var response = context.Response;
        switch (fault)
        {
            case FaultKind.ServerErrorAfter:
                await DubReply.ServerError().ExecuteAsync(context);
                break;
            case FaultKind.TimeoutAfter:
                await HoldAsync(context);
                break;
            case FaultKind.ResetAfter:
                Reset(context);
                break;
            case FaultKind.HtmlErrorPage:
                response.StatusCode = StatusCodes.Status502BadGateway;
                await WriteAsync(context, "text/html", Encoding.UTF8.GetBytes(HtmlPage));
                break;
            case FaultKind.WrongContentType:
                await WriteAsync(context, "text/plain", body);
                break;
            case FaultKind.TruncatedJson:
                await WriteAsync(context, response.ContentType, body[..(body.Length / 2)]);
                break;
            case FaultKind.SlowDrip:
                await DripAsync(context, body);
                break;
            default:
                throw new InvalidOperationException($"Nobody injects {fault}.");
        }
    }

    /// <summary>Lets the call happen, and keeps its reply back.</summary>
    private async Task<byte[]> CaptureAsync(HttpContext context, DubEndpoint endpoint)
    {
        var original = context.Response.Body;
        using var captured = new MemoryStream();
        context.Response.Body = captured;
        try
        {
            await AnswerAsync(context, endpoint);
        }
        finally
        {
            context.Response.Body = original;
        }

        context.Response.ContentLength = null;
        return captured.ToArray();
    }

    private static async Task WriteAsync(HttpContext context, string? contentType, byte[] body)
    {
        context.Response.ContentType = contentType;
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    private async Task DripAsync(HttpContext context, byte[] body)
    {
        context.Response.ContentLength = body.Length;
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            for (var at = 0; at < body.Length; at++)
            {
                await context.Response.Body.WriteAsync(body.AsMemory(at, 1), ends.Token);
                await context.Response.Body.FlushAsync(ends.Token);
                await Task.Delay(options.HoldAtMost / body.Length, ends.Token);
            }
        }
        catch (OperationCanceledException)
        {
            context.Abort();
        }
    }

    /// <summary>No reply until the client gives up.</summary>
    private async Task HoldAsync(HttpContext context)
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        await Task.Delay(options.HoldAtMost, ends.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        context.Abort();
    }

    /// <summary>Closes the connection so that the other side is told of it by a reset.</summary>
    private static void Reset(HttpContext context)
    {
        if (context.Features.Get<IConnectionSocketFeature>() is { Socket: { } socket })
        {
            socket.LingerState = new LingerOption(true, 0);
            socket.Close();
        }

        context.Abort();
    }
}
