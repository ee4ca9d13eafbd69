namespace Dub.Clerk.Host.StandIns.Clerk;

/// <summary>A way in which a Backend API call goes wrong.</summary>
internal enum ClerkFault
{
    None,

    /// <summary>429 with <c>Retry-After: 1</c>; nothing is done.</summary>
    TooManyRequests,

    /// <summary>500 in Clerk's envelope; nothing is done.</summary>
    ServerErrorBefore,

    /// <summary>503 as a page in HTML, as a proxy on the way makes it; nothing is done.</summary>
    UnavailableBefore,

    /// <summary>The connection is reset; nothing is done.</summary>
    ResetBefore,

    /// <summary>No answer, until the caller gives up; nothing is done.</summary>
    TimeoutBefore,

    /// <summary>What was asked is done, and 502 answered.</summary>
    ServerErrorAfter,

    /// <summary>What was asked is done, and the connection reset.</summary>
    ResetAfter,

    /// <summary>What was asked is done, and never answered.</summary>
    TimeoutAfter,
}

/// <summary>Makes calls fail: the next ones, or each with a probability. What fails next goes first. Key sets are always answered.</summary>
internal sealed class ClerkFaults
{
    private readonly Lock _lock = new();
    private readonly Queue<ClerkFault> _next = new();
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Random? _random;
    private double _probability;
    private ClerkFault[] _kinds = [];

    /// <summary>Every way to fail but the two that take a caller's whole patience.</summary>
    public static IReadOnlyList<ClerkFault> Quick { get; } =
    [
        ClerkFault.TooManyRequests, ClerkFault.ServerErrorBefore, ClerkFault.UnavailableBefore, ClerkFault.ResetBefore, ClerkFault.ServerErrorAfter, ClerkFault.ResetAfter,
    ];

    /// <summary>The next calls fail like this.</summary>
    public void Next(ClerkFault fault, int calls = 1)
    {
        lock (_lock)
        {
            for (var call = 0; call < calls; call++)
            {
                _next.Enqueue(fault);
            }
        }
    }

    /// <summary>From now on this share of the calls fails, in any of these ways.</summary>
    /// <param name="probability">0 to 1.</param>
    /// <param name="random">Seeded, so that a run can be had again.</param>
    /// <param name="kinds">All that answer soon, when none is given.</param>
    public void Randomly(double probability, Random random, params ClerkFault[] kinds)
    {
        lock (_lock)
        {
            (_probability, _random, _kinds) = (probability, random, kinds.Length > 0 ? kinds : [.. Quick]);
        }
    }

    /// <summary>Nothing fails from now on.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _next.Clear();
            _random = null;
        }
    }

    /// <summary>Lets go of the callers who wait for nothing.</summary>
    public void Stop() => _stopped.TrySetResult();

    /// <summary>What happens to a call that arrives now.</summary>
    public ClerkFault Draw()
    {
        lock (_lock)
        {
            return _next.TryDequeue(out var fault) ? fault
                : _random is not null && _random.NextDouble() < _probability ? _kinds[_random.Next(_kinds.Length)]
                : ClerkFault.None;
        }
    }

    public static bool IsAfterTheEffect(ClerkFault fault) => fault is ClerkFault.ServerErrorAfter or ClerkFault.ResetAfter or ClerkFault.TimeoutAfter;

    /// <summary>Fails.</summary>
    public async Task<IResult> FailAsync(ClerkFault fault, HttpContext context)
    {
        switch (fault)
        {
            case ClerkFault.TooManyRequests:
                context.Response.Headers.RetryAfter = "1";
                return ClerkErrors.TooManyRequests();
            case ClerkFault.ServerErrorBefore:
                return ClerkErrors.Internal();
            case ClerkFault.UnavailableBefore:
                return Page(StatusCodes.Status503ServiceUnavailable);
            case ClerkFault.ServerErrorAfter:
                return Page(StatusCodes.Status502BadGateway);
            case ClerkFault.TimeoutBefore or ClerkFault.TimeoutAfter:
                await Task.WhenAny(_stopped.Task, Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted));
                break;
            default:
                break;
        }

        return new Reset();
    }

    private static IResult Page(int status) => TypedResults.Text($"<!doctype html><title>{status}</title><h1>{status}</h1>", "text/html", statusCode: status);

    private sealed class Reset : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Abort();
            return Task.CompletedTask;
        }
    }
}
