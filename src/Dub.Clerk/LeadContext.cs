namespace Dub.Clerk;

/// <summary>A lead about to be recorded, given to <see cref="DubClerkOptions.OnLead"/>.</summary>
public sealed class LeadContext
{
    internal LeadContext(string userId, string clickId, string eventName, DateTimeOffset createdAt)
    {
        UserId = userId;
        ClickId = clickId;
        EventName = eventName;
        CreatedAt = createdAt;
    }

    /// <summary>The Clerk user who signed up, <c>user_…</c>; the lead's customer has the same external id.</summary>
    public string UserId { get; }

    /// <summary>The click the lead is credited to.</summary>
    public string ClickId { get; }

    /// <summary>When the account was created, as Clerk says.</summary>
    public DateTimeOffset CreatedAt { get; }

    /// <summary>The lead's event name, from <see cref="DubClerkOptions.LeadEventName"/> unless changed here. 1 to 255 characters.</summary>
    public string EventName { get; set; }

    /// <summary>What the lead carries besides: at most 10,000 characters as JSON, Dub's limit. Empty by default.</summary>
    public IDictionary<string, string> Metadata { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    internal string? Refusal { get; private set; }

    /// <summary>No lead for this sign-up. The decision is kept, and shown as the reason.</summary>
    /// <param name="reason">Why, in a few words for the people who look: up to 200 characters, nothing personal.</param>
    public void Refuse(string reason)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        Refusal = reason.Length > 200 ? reason[..200] : reason;
    }

    /// <summary>Checks what the app made of the lead against Dub's limits.</summary>
    /// <exception cref="InvalidOperationException">A limit is exceeded; the message says which.</exception>
    internal void Validate()
    {
        if (string.IsNullOrWhiteSpace(EventName) || EventName.Length > 255)
        {
            throw new InvalidOperationException("OnLead set an EventName that is empty or longer than 255 characters.");
        }

        // Quotes, colon and comma of each entry count too; escapes only make it longer, and Dub's answer to that is a refusal.
        if (Metadata.Sum(entry => entry.Key.Length + entry.Value.Length + 6) > 10_000)
        {
            throw new InvalidOperationException("OnLead added metadata of more than 10,000 characters as JSON.");
        }
    }
}
