using System.Diagnostics;
using System.Diagnostics.Metrics;
using Dub.Clerk.Authentication;
using Dub.Clerk.Outbox;
using Dub.Clerk.SignUps;
using Dub.Clerk.Store;
using Dub.Clerk.Webhooks;

namespace Dub.Clerk.Diagnostics;

/// <summary>The instruments of the meter <c>Dub.Clerk</c>, named as OpenTelemetry has it. What each means is in the host's README.</summary>
internal sealed class DubClerkMetrics
{
    public const string MeterName = "Dub.Clerk";

    /// <summary>From what an answer of a store nearby takes to the longest that an attempt may take.</summary>
    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 45],
    };

    private readonly Counter<long> _sessionTokens;
    private readonly Counter<long> _keyFetches;
    private readonly Counter<long> _signatures;
    private readonly Histogram<double> _webhooks;
    private readonly Counter<long> _decisions;
    private readonly Counter<long> _leads;
    private readonly Counter<long> _sales;
    private readonly Counter<long> _unrecordedClicks;
    private readonly Counter<long> _storeFailures;
    private readonly Histogram<double> _attempts;
    private readonly OutboxDepth?[] _outboxDepths = new OutboxDepth?[Enum.GetValues<OutboxDestination>().Length];
    private readonly TimeProvider _time;
    private long _unsummed = -1;

    public DubClerkMetrics(IMeterFactory meters, TimeProvider time)
    {
        _time = time;
        var meter = meters.Create(MeterName);
        _sessionTokens = meter.CreateCounter<long>("dubclerk.session_token.checks", "{token}", "Session tokens checked, by outcome. One that was verified before is not checked again.");
        _keyFetches = meter.CreateCounter<long>("dubclerk.session_key.fetches", "{fetch}", "Fetches of Clerk's key set, by outcome.");
        _signatures = meter.CreateCounter<long>("dubclerk.webhook.signatures", "{delivery}", "Webhook deliveries whose signature was checked, by sender and outcome.");
        _webhooks = meter.CreateHistogram("dubclerk.webhook.duration", "s", "How long webhook deliveries took to be answered, by sender and status.", advice: Seconds);
        _decisions = meter.CreateCounter<long>("dubclerk.sign_up.decisions", "{sign_up}", "Sign-ups with a click that were decided: tracked, or why not.");
        _leads = meter.CreateCounter<long>("dubclerk.lead.recorded", "{lead}", "Leads recorded.");
        _sales = meter.CreateCounter<long>("dubclerk.sale.recorded", "{sale}", "Sales recorded.");
        _unrecordedClicks = meter.CreateCounter<long>("dubclerk.click.unrecorded", "{click}", "Clicks whose visitor was redirected although the store did not answer in time.");
        _storeFailures = meter.CreateCounter<long>("dubclerk.store.failures", "{call}", "Calls to the store that failed, or were not made because too much waits for it.");
        _attempts = meter.CreateHistogram("dubclerk.outbox.attempt.duration", "s", "How long attempts at outbox work took, by destination, kind and outcome.", advice: Seconds);
        meter.CreateObservableGauge("dubclerk.outbox.waiting", () => Observe(depth => depth.Waiting), "{customer}", "Customers with outbox work that is not done, by destination.");
        meter.CreateObservableGauge("dubclerk.outbox.dead_letters", () => Observe(depth => depth.Dead), "{item}", "Dead letters, by destination.");
        meter.CreateObservableGauge("dubclerk.outbox.oldest_age", () => Observe(Age), "s", "How long the oldest outbox work has waited, by destination.");
        meter.CreateObservableGauge("dubclerk.rollup.waiting", ObserveUnsummed, "{event}", "Events that are recorded and not yet in the sums that analytics are answered from.");
    }

    /// <summary>An attempt at outbox work is over.</summary>
    public void OutboxAttempted(OutboxDestination destination, string kind, OutboxOutcome outcome, TimeSpan duration)
    {
        if (_attempts.Enabled)
        {
            _attempts.Record(
                duration.TotalSeconds, Tag(destination), new KeyValuePair<string, object?>(Tags.Kind, kind),
                new KeyValuePair<string, object?>(Tags.Outcome, SnakeCase<OutboxOutcome>.Of(outcome)));
        }
    }

    public void OutboxMeasured(OutboxDestination destination, OutboxDepth depth)
    {
        lock (_outboxDepths)
        {
            _outboxDepths[(int)destination] = depth;
        }
    }

    /// <summary>So many events were waiting to be summed up.</summary>
    public void RollupMeasured(long waiting) => Volatile.Write(ref _unsummed, waiting);

    public void ClickUnrecorded() => _unrecordedClicks.Add(1);

    public void LeadRecorded() => _leads.Add(1);

    public void SaleRecorded() => _sales.Add(1);

    /// <param name="reason">Why there is no lead; <see cref="NoLeadReason.None"/> where there is one.</param>
    public void SignUpDecided(NoLeadReason reason)
    {
        if (_decisions.Enabled)
        {
            _decisions.Add(1, new KeyValuePair<string, object?>(Tags.Outcome, OutcomeOf(reason)));
        }
    }

    /// <param name="kind">In what way, such as <c>timeout</c>.</param>
    public void StoreFailed(string kind)
    {
        if (_storeFailures.Enabled)
        {
            _storeFailures.Add(1, new KeyValuePair<string, object?>(Tags.ErrorType, kind));
        }
    }

    public void SessionTokenChecked(SessionTokenOutcome outcome)
    {
        if (_sessionTokens.Enabled)
        {
            _sessionTokens.Add(1, new KeyValuePair<string, object?>(Tags.Outcome, SnakeCase<SessionTokenOutcome>.Of(outcome)));
        }
    }

    public void JwksFetched(bool succeeded)
    {
        if (_keyFetches.Enabled)
        {
            _keyFetches.Add(1, new KeyValuePair<string, object?>(Tags.Outcome, succeeded ? "fetched" : "failed"));
        }
    }

    public void WebhookChecked(string sender, WebhookVerificationResult outcome)
    {
        if (_signatures.Enabled)
        {
            _signatures.Add(
                1, new KeyValuePair<string, object?>(Tags.Sender, sender), new KeyValuePair<string, object?>(Tags.Outcome, SnakeCase<WebhookVerificationResult>.Of(outcome)));
        }
    }

    /// <summary>When a delivery came, to give to <see cref="WebhookAnswered"/>.</summary>
    public long WebhookArrived() => _webhooks.Enabled ? Stopwatch.GetTimestamp() : 0;

    public void WebhookAnswered(string sender, int status, long arrived)
    {
        if (arrived != 0)
        {
            _webhooks.Record(
                Stopwatch.GetElapsedTime(arrived).TotalSeconds, new KeyValuePair<string, object?>(Tags.Sender, sender), new KeyValuePair<string, object?>(Tags.ResponseStatus, status));
        }
    }

    /// <summary>A sign-up's verdict in a word.</summary>
    public static string OutcomeOf(NoLeadReason reason) => reason == NoLeadReason.None ? "tracked" : SnakeCase<NoLeadReason>.Of(reason);

    private static KeyValuePair<string, object?> Tag(OutboxDestination destination) => new(Tags.Destination, SnakeCase<OutboxDestination>.Of(destination));

    private long Age(OutboxDepth depth) => depth.OldestSince is { } since ? (long)(_time.GetUtcNow() - since).TotalSeconds : 0;

    /// <summary>Of the destinations that this process delivers to, once it has looked.</summary>
    private Measurement<long>[] Observe(Func<OutboxDepth, long> value)
    {
        lock (_outboxDepths)
        {
            return
            [
                .. Enum.GetValues<OutboxDestination>()
                    .Where(destination => _outboxDepths[(int)destination] is not null)
                    .Select(destination => new Measurement<long>(value(_outboxDepths[(int)destination]!.Value), Tag(destination))),
            ];
        }
    }

    private Measurement<long>[] ObserveUnsummed() => Volatile.Read(ref _unsummed) is >= 0 and var waiting ? [new Measurement<long>(waiting)] : [];
}
