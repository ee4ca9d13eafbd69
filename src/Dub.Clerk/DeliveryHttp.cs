using Dub.Clerk.Clerk;
using Dub.Clerk.Diagnostics;
using Dub.Clerk.Dub;
using Dub.Clerk.Outbox;
using Dub.Clerk.Store;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;
using Polly;

namespace Dub.Clerk;

/// <summary>The HTTP clients of deliveries. Within one attempt there is a time-out and a circuit breaker, and no retry: between attempts the outbox
/// decides.</summary>
internal static class DeliveryHttp
{
    private static readonly TimeSpan HeadersTimeout = TimeSpan.FromSeconds(10);

    /// <summary>With the body, which may drip.</summary>
    private static readonly TimeSpan WholeTimeout = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan FirstBreak = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestBreak = TimeSpan.FromMinutes(1);

    /// <summary>No answer of either service comes near it.</summary>
    private const int MaxAnswerBytes = 8 * 1024 * 1024;

    public static void AddDeliveryHttp(this IServiceCollection services)
    {
        Add(services, DubClient.HttpName, OutboxDestination.Dub, "Dub is away.");
        Add(services, ClerkClient.HttpName, OutboxDestination.Clerk, "Clerk is away.");
    }

    private static void Add(IServiceCollection services, string name, OutboxDestination destination, string reason)
    {
        services.AddHttpClient(name, client =>
            {
                client.Timeout = WholeTimeout;
                client.MaxResponseContentBufferSize = MaxAnswerBytes;
                client.DefaultRequestHeaders.UserAgent.ParseAdd("Dub.Clerk");
            })
            // A service that moves is configured anew; a key must not follow a redirect.
            // The framework's spans have whole addresses, which name customers, so ours take their place.
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),
                ActivityHeadersPropagator = null,
            })
            .AddHttpMessageHandler(() => new CallSpans())
            .AddResilienceHandler("delivery", (builder, context) => builder.Configure(context.ServiceProvider, destination, reason));

        // Names of pipelines and clients are written at each call otherwise, at a level that nobody asked for.
        services.AddHttpClient(name).RemoveAllLoggers();
    }

    private static void Configure(this ResiliencePipelineBuilder<HttpResponseMessage> builder, IServiceProvider services, OutboxDestination destination, string reason)
    {
        var gate = services.GetRequiredService<DestinationGates>()[destination];
        var time = services.GetRequiredService<TimeProvider>();
        builder.TimeProvider = time;
        builder
            .AddCircuitBreaker(new HttpCircuitBreakerStrategyOptions
            {
                // An outage, not the odd failure: nearly everything of half a minute has failed.
                FailureRatio = 0.9,
                MinimumThroughput = 6,
                SamplingDuration = TimeSpan.FromSeconds(30),
                BreakDurationGenerator = arguments => ValueTask.FromResult(Break(arguments.HalfOpenAttempts)),
                OnOpened = arguments =>
                {
                    gate.Close(time.GetUtcNow() + arguments.BreakDuration + TimeSpan.FromMilliseconds(50), reason);
                    return default;
                },
            })
            .AddTimeout(HeadersTimeout);
    }

    /// <summary>A span for each call, without its address.</summary>
    private sealed class CallSpans : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            using var span = Traces.StartCall(request.Method.Method, request.RequestUri!.Host);
            try
            {
                var response = await base.SendAsync(request, cancellationToken);
                span?.SetTag(Tags.ResponseStatus, (int)response.StatusCode);
                return response;
            }
            catch (Exception e)
            {
                span.Fail(e.GetType().Name);
                throw;
            }
        }
    }

    private static TimeSpan Break(int halfOpenAttempts)
    {
        var nominal = FirstBreak * Math.Pow(2, Math.Min(halfOpenAttempts, 10));
        return nominal < LongestBreak ? nominal : LongestBreak;
    }
}
