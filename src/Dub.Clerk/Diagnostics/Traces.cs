using System.Diagnostics;

namespace Dub.Clerk.Diagnostics;

/// <summary>The spans of the source <c>Dub.Clerk</c>. They name deliveries and kinds of work, and no person. Where nobody listens there are none.</summary>
/// <remarks>Outbox work keeps the span that caused it, so that what a webhook leads to is one trace, whichever host goes on with it and when.</remarks>
internal static class Traces
{
    public const string SourceName = "Dub.Clerk";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>A webhook is handled.</summary>
    /// <param name="sender">Whose, such as <c>clerk</c>.</param>
    public static Activity? StartWebhook(string sender)
        => Source.HasListeners() ? Source.StartActivity($"webhook {sender}")?.SetTag(Tags.Sender, sender) : null;

    /// <summary>A sign-up whose halves are both known is decided.</summary>
    public static Activity? StartDecision() => Source.StartActivity("decide sign_up");

    /// <summary>An attempt at outbox work.</summary>
    /// <param name="kind">The kind of work.</param>
    /// <param name="destination">Where it goes.</param>
    /// <param name="attempt">From 1.</param>
    /// <param name="cause">The span that caused it, as <see cref="Current"/> had it; empty for none.</param>
    public static Activity? StartAttempt(string kind, string destination, int attempt, string cause)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        _ = ActivityContext.TryParse(cause, null, isRemote: true, out var parent);
        return Source.StartActivity($"deliver {kind}", ActivityKind.Consumer, parent)
            ?.SetTag(Tags.Kind, kind).SetTag(Tags.Destination, destination).SetTag(Tags.Attempt, attempt);
    }

    /// <summary>The span we are in as W3C's <c>traceparent</c>, where somebody records it; else empty.</summary>
    public static string Current => Activity.Current is { Recorded: true, IdFormat: ActivityIdFormat.W3C, Id: { } id } ? id : string.Empty;

    /// <summary>Notes what the sender calls a delivery that is known to be theirs.</summary>
    public static void NameDelivery(string id)
    {
        if (Activity.Current is { } span && span.Source == Source)
        {
            span.SetTag(Tags.DeliveryId, id);
        }
    }

    /// <summary>Notes how it went.</summary>
    /// <param name="span">Null where nobody listens.</param>
    /// <param name="outcome">In a word.</param>
    /// <param name="isFault">Whether it went wrong.</param>
    public static void End(this Activity? span, string outcome, bool isFault = false)
    {
        span?.SetTag(Tags.Outcome, outcome);
        if (isFault)
        {
            span?.SetTag(Tags.ErrorType, outcome).SetStatus(ActivityStatusCode.Error);
        }
    }
}
