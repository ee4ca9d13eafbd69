using Dub.Clerk.Conversions;
using Dub.Clerk.Outbox;
using Dub.Clerk.Store;
using StackExchange.Redis;

namespace Dub.Clerk.SignUps;

/// <summary>The join: the browser's half (a click, seen with a signed-in user) and Clerk's half (a new account) arrive in either order and
/// any number of times; whichever completes the pair records the lead.</summary>
internal sealed class SignUpJoin(
    StoreConnection store, StoreSchema schema, ClickStore clicks, ConversionTracker conversions, LiveOptions options, TimeProvider time)
    : ISignUps, IOutboxHandler
{
    /// <summary>How long a click waits for its account: Clerk's deliveries end after 28 hours, an operator's replay may come days later.</summary>
    private static readonly TimeSpan HalfRetention = TimeSpan.FromDays(30);

    private static readonly StoreScript SeeClick = new("signup-click-seen-2");
    private static readonly StoreScript CreateUser = new("signup-user-created-2");
    private static readonly StoreScript NotAttributed = new("signup-not-attributed-2");
    private static readonly StoreScript Done = new("outbox-done-2");

    string IOutboxHandler.Kind => OutboxItem.SignUpKind;

    /// <summary>Writes the browser's half. It is durable when the task completes; <see cref="DecideAsync"/> goes on from there.</summary>
    /// <exception cref="StoreException">The store did not answer. Calling again is safe.</exception>
    public async Task<SignUpRecord> WriteSightingAsync(Sighting sighting)
    {
        await schema.CheckAsync();
        var now = time.GetUtcNow();
        return SignUpRecord.Read(await SeeClick.RunAsync(
            store,
            [store.Keys.SignUp(sighting.UserId), OutboxOf(sighting.UserId)],
            [
                OutboxItem.ForSignUp(sighting.UserId).ToString(), sighting.ClickId ?? string.Empty, sighting.EarlierClickId ?? string.Empty,
                sighting.Note.Code(), now.ToUnixTimeMilliseconds(), OutboxItem.DueIfAbandoned(now), (long)HalfRetention.TotalMilliseconds,
            ]));
    }

    /// <summary>Clerk's half: the account was created.</summary>
    /// <exception cref="StoreException">The store did not answer. Calling again is safe.</exception>
    public async Task<SignUpStatus> UserCreatedAsync(NewUser user, CancellationToken cancellationToken)
    {
        await schema.CheckAsync();
        var now = time.GetUtcNow();
        var hinted = !string.IsNullOrEmpty(user.MetadataClickId);
        var valid = hinted && ClickId.IsValid(user.MetadataClickId);
        var fields = await CreateUser.RunAsync(
            store,
            [store.Keys.SignUp(user.UserId), OutboxOf(user.UserId)],
            [
                OutboxItem.ForSignUp(user.UserId).ToString(),
                user.CreatedAt.ToUnixTimeMilliseconds(),
                valid ? user.MetadataClickId : string.Empty,
                hinted && !valid ? NoLeadReason.InvalidClickId.Code() : string.Empty,
                user.Name ?? string.Empty, user.Email ?? string.Empty, user.Avatar ?? string.Empty,
                now.ToUnixTimeMilliseconds(), OutboxItem.DueIfAbandoned(now),
            ]);
        return await DecideAsync(user.UserId, SignUpRecord.Read(fields), cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<SignUpStatus?> FindAsync(string userId, CancellationToken cancellationToken = default)
    {
        var fields = await ReadAsync(userId).WaitAsync(cancellationToken);
        return fields.Length == 0 ? null : Describe(SignUpRecord.Read(fields));
    }

    /// <summary>Completes a join whose halves are both there, for whoever wrote the second one and vanished.</summary>
    async Task IOutboxHandler.HandleAsync(OutboxItem item, ReadOnlyMemory<byte> json, int partition, CancellationToken cancellationToken)
    {
        var fields = await ReadAsync(item.Subject);
        if (fields.Length > 0)
        {
            await DecideAsync(item.Subject, SignUpRecord.Read(fields), cancellationToken);
        }
        else
        {
            // The sign-up is gone, so there is nothing to do, ever.
            await Done.RunAsync(store, [store.Keys.Outbox(partition), store.Keys.OutboxItems(partition)], [item.ToString()]);
        }
    }

    /// <summary>Decides a sign-up whose halves are both known, and says where it stands.</summary>
    /// <exception cref="StoreException">The store did not answer. The outbox decides later.</exception>
    public async Task<SignUpStatus> DecideAsync(string userId, SignUpRecord signUp, CancellationToken cancellationToken)
    {
        while (signUp is { IsTracked: false, IsComplete: true, IsDecided: false })
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (click, reason) = await JudgeAsync(signUp);
            string? detail = null;
            if (click is not null)
            {
                var lead = new LeadContext(userId, click.Id, options.Current.LeadEventName, signUp.CreatedAt!.Value);
                if (options.Current.OnLead is { } hook)
                {
                    await hook(lead, cancellationToken);
                }

                if (lead.Refusal is null)
                {
                    lead.Validate();
                    await TrackAsync(signUp, lead, click);
                    signUp = SignUpRecord.Read(await ReadAsync(userId));
                    continue;
                }

                (reason, detail) = (NoLeadReason.RefusedByApp, lead.Refusal);
            }

            await NotAttributed.RunAsync(
                store,
                [store.Keys.SignUp(userId), OutboxOf(userId)],
                [OutboxItem.ForSignUp(userId).ToString(), signUp.Revision, reason.Code(), detail ?? string.Empty, time.GetUtcNow().ToUnixTimeMilliseconds()]);
            signUp = SignUpRecord.Read(await ReadAsync(userId));
        }

        return Describe(signUp);
    }

    /// <summary>The click that counts, or why none does. The one in the account's metadata was there at its creation, so it goes first.</summary>
    private async Task<(Click? Click, NoLeadReason Reason)> JudgeAsync(SignUpRecord signUp)
    {
        var createdAt = signUp.CreatedAt!.Value;
        var reason = NoLeadReason.None;
        if (signUp.MetadataClick is { } hinted)
        {
            var click = await clicks.FindAsync(hinted);
            reason = SignUpRules.JudgeMetadata(createdAt, click);
            if (reason == NoLeadReason.None)
            {
                return (click, NoLeadReason.None);
            }
        }

        foreach (var seen in new[] { signUp.BrowserClick, signUp.EarlierBrowserClick }.OfType<string>())
        {
            var click = await clicks.FindAsync(seen);
            var verdict = SignUpRules.JudgeBrowser(createdAt, signUp.BrowserSeenAt!.Value, options.Current.NewAccountWindow, click);
            if (verdict == NoLeadReason.None)
            {
                return (click, NoLeadReason.None);
            }

            reason = reason == NoLeadReason.None ? verdict : reason;
        }

        return (null, reason);
    }

    private Task<LeadOutcome> TrackAsync(SignUpRecord signUp, LeadContext lead, Click click) => conversions.TrackLeadAsync(new LeadRequest
    {
        CustomerExternalId = lead.UserId,
        SignUpRevision = signUp.Revision,
        Click = click,
        EventName = lead.EventName,
        CustomerName = signUp.Name,
        CustomerEmail = signUp.Email,
        CustomerAvatar = signUp.Avatar,
        Metadata = lead.Metadata.AsReadOnly(),
    });

    private SignUpStatus Describe(SignUpRecord signUp)
    {
        var (state, reason) = signUp switch
        {
            { IsTracked: true } => (SignUpState.Tracked, NoLeadReason.None),
            { IsDecided: true } => (SignUpState.NotAttributed, signUp.Reason),
            { IsComplete: true } => (SignUpState.Pending, NoLeadReason.Deciding),
            { BrowserClick: not null, CreatedAt: null } => (SignUpState.Pending, NoLeadReason.AwaitingWebhook),
            { BrowserNote: not NoLeadReason.None } => (SignUpState.NotAttributed, signUp.BrowserNote),
            { MetadataNote: not NoLeadReason.None } => (SignUpState.NotAttributed, signUp.MetadataNote),
            { CreatedAt: { } createdAt } when SignUpRules.IsExistingUser(createdAt, time.GetUtcNow(), options.Current.NewAccountWindow)
                => (SignUpState.NotAttributed, NoLeadReason.NoClick),
            _ => (SignUpState.Pending, NoLeadReason.NoClick),
        };
        return new SignUpStatus(state, reason)
        {
            Detail = signUp.Detail,
            ClickId = signUp.TrackedClick ?? signUp.MetadataClick ?? signUp.BrowserClick,
            LeadId = signUp.LeadId,
            CreatedAt = signUp.CreatedAt,
            ClickSeenAt = signUp.BrowserSeenAt,
            DecidedAt = signUp.DecidedAt,
        };
    }

    private Task<HashEntry[]> ReadAsync(string userId) => store.RunAsync((database, key) => database.HashGetAllAsync(key), store.Keys.SignUp(userId));

    private RedisKey OutboxOf(string userId) => store.Keys.Outbox(StoreKeys.PartitionOf(userId));
}
