using System.Text.Json;
using Dub.Clerk.Clerk;
using Dub.Clerk.Conversions;
using Dub.Clerk.Diagnostics;
using Dub.Clerk.Outbox;
using Dub.Clerk.Store;
using StackExchange.Redis;

namespace Dub.Clerk.SignUps;

/// <summary>The join: the browser's half (a click, seen with a signed-in user) and Clerk's half (a new account) arrive in either order and
/// any number of times; whichever completes the pair records the lead.</summary>
internal sealed class SignUpJoin(
    StoreConnection store, StoreSchema schema, Tombstones tombstones, ClickStore clicks, CustomerStore customers, ConversionTracker conversions, OutboxDestinations destinations, OutboxSignal signal,
    LiveOptions options, DubClerkMetrics metrics, TimeProvider time)
    : ISignUps, IOutboxHandler
{
    /// <summary>How long a click waits for its account.</summary>
    public static readonly TimeSpan HalfRetention = DubClerkOptions.HalfRetention;

    private static readonly StoreScript SeeClick = new("signup-click-seen-9");
    private static readonly StoreScript CreateUser = new("signup-user-created-6");
    private static readonly StoreScript CreateNewUser = new("signup-user-new-3");
    private static readonly StoreScript NotAttributed = new("signup-not-attributed-5");
    private static readonly StoreScript Proving = new("signup-proving-8");
    private static readonly StoreScript Proved = new("signup-proved-1");

    string IOutboxHandler.Kind => OutboxItem.SignUpKind;

    /// <summary>Writes the browser's half. It is durable when the task completes; <see cref="DecideAsync"/> goes on from there.</summary>
    /// <exception cref="StoreException">The store did not answer. Calling again is safe.</exception>
    public async Task<SignUpRecord> WriteSightingAsync(Sighting sighting)
    {
        await schema.CheckAsync();
        var now = time.GetUtcNow();
        var lookUp = sighting.ClickId is not null && await destinations.IsServedAsync(OutboxDestination.Clerk);
        return SignUpRecord.Read(await SeeClick.RunAsync(
            store,
            [
                store.Keys.SignUp(sighting.UserId), .. LocalOutboxOf(sighting.UserId), .. OutboxOf(OutboxDestination.Clerk, sighting.UserId), IndexOf(sighting.UserId),
                await tombstones.KeyAsync(sighting.UserId),
            ],
            [
                sighting.UserId, sighting.ClickId ?? string.Empty, sighting.EarlierClickId ?? string.Empty,
                sighting.Note.Code(), now.ToUnixTimeMilliseconds(), OutboxItem.DueIfAbandoned(now), (long)HalfRetention.TotalMilliseconds,
                lookUp ? (now + options.Current.WebhookPatience).ToUnixTimeMilliseconds() : RedisValue.EmptyString,
            ]));
    }

    /// <summary>Clerk's half: the account was created.</summary>
    /// <exception cref="StoreException">The store did not answer. Calling again is safe.</exception>
    public async Task<SignUpStatus> UserCreatedAsync(ClerkAccount user, CancellationToken cancellationToken)
    {
        await schema.CheckAsync();
        var now = time.GetUtcNow();
        var hinted = !string.IsNullOrEmpty(user.MetadataClickId);
        if (!hinted && await TryCreateNewUserAsync(user, now) is { } alone)
        {
            return Describe(alone);
        }

        var valid = hinted && ClickId.IsValid(user.MetadataClickId);
        var fields = await CreateUser.RunAsync(
            store,
            [store.Keys.SignUp(user.UserId), .. LocalOutboxOf(user.UserId), IndexOf(user.UserId), await tombstones.KeyAsync(user.UserId)],
            [
                user.UserId,
                user.CreatedAt.ToUnixTimeMilliseconds(),
                valid ? user.MetadataClickId : string.Empty,
                hinted && !valid ? NoLeadReason.InvalidClickId.Code() : string.Empty,
                Profile.FitName(user.FirstName, user.LastName) ?? string.Empty, Profile.FitEmail(user.Email) ?? string.Empty,
                Profile.FitAvatar(user.Avatar) ?? string.Empty,
                now.ToUnixTimeMilliseconds(), OutboxItem.DueIfAbandoned(now), user.UpdatedAt.ToUnixTimeMilliseconds(),
            ]);
        return await DecideAsync(user.UserId, SignUpRecord.Read(fields), cancellationToken);
    }

    /// <summary>A script of its own, which knows no outbox: most deliveries are the first that is heard of a user.</summary>
    /// <returns>Null when something is known of the user.</returns>
    private async Task<SignUpRecord?> TryCreateNewUserAsync(ClerkAccount user, DateTimeOffset now)
    {
        var record = new SignUpRecord
        {
            Revision = 1,
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(user.CreatedAt.ToUnixTimeMilliseconds()),
            Name = Profile.FitName(user.FirstName, user.LastName),
            Email = Profile.FitEmail(user.Email),
            Avatar = Profile.FitAvatar(user.Avatar),
            ProfileAt = DateTimeOffset.FromUnixTimeMilliseconds(user.UpdatedAt.ToUnixTimeMilliseconds()),
        };
        List<RedisValue> arguments =
        [
            user.UserId, SignUpIndex.Score(NoLeadReason.NoClick, user.CreatedAt),
            "v", "1", "created_at", user.CreatedAt.ToUnixTimeMilliseconds(), "received_at", now.ToUnixTimeMilliseconds(), "revision", 1,
            "profile_at", user.UpdatedAt.ToUnixTimeMilliseconds(),
        ];
        AddFilled("name", record.Name);
        AddFilled("email", record.Email);
        AddFilled("avatar", record.Avatar);
        return (int)await CreateNewUser.RunAsync(
            store, [store.Keys.SignUp(user.UserId), IndexOf(user.UserId), await tombstones.KeyAsync(user.UserId)], [.. arguments]) == 1 ? record : null;

        void AddFilled(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                arguments.Add(name);
                arguments.Add(value);
            }
        }
    }

    /// <inheritdoc/>
    public async Task<SignUpStatus?> FindAsync(string userId, CancellationToken cancellationToken = default)
    {
        var fields = await ReadAsync(userId).WaitAsync(cancellationToken);
        return SignUpRecord.Read(fields) is { IsKnown: true } signUp ? Describe(signUp) : null;
    }

    /// <summary>The sign-up as it is stored; null when nothing is known of the user.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<SignUpRecord?> ReadRecordAsync(string userId) => await ReadAsync(userId) is { Length: > 0 } fields ? SignUpRecord.Read(fields) : null;

    /// <summary>Dub knows the click: the sign-up is decided with it.</summary>
    /// <exception cref="StoreException">The store did not answer. Calling again is safe.</exception>
    public Task ProvedAsync(string userId, Click click, CancellationToken cancellationToken)
        => AnsweredAsync(userId, click.Id, JsonSerializer.SerializeToUtf8Bytes(click, ConversionsJsonContext.Default.Click), cancellationToken);

    /// <summary>Dub does not know the click: the sign-up is decided without it.</summary>
    /// <exception cref="StoreException">The store did not answer. Calling again is safe.</exception>
    public Task DisprovedAsync(string userId, string clickId, CancellationToken cancellationToken) => AnsweredAsync(userId, clickId, RedisValue.EmptyString, cancellationToken);

    /// <summary>Completes a join whose halves are both there, for whoever wrote the second one and vanished.</summary>
    async Task<OutboxVerdict> IOutboxHandler.HandleAsync(OutboxClaim claim, CancellationToken cancellationToken)
    {
        // Where the sign-up is gone there is nothing to do, ever.
        if (await ReadRecordAsync(claim.Item.Subject) is { } signUp)
        {
            await DecideAsync(claim.Item.Subject, signUp, cancellationToken);
        }

        return OutboxVerdict.Done();
    }

    /// <summary>Decides a sign-up whose halves are both known, and says where it stands.</summary>
    /// <exception cref="StoreException">The store did not answer. The outbox decides later.</exception>
    public async Task<SignUpStatus> DecideAsync(string userId, SignUpRecord signUp, CancellationToken cancellationToken)
    {
        using var span = signUp.AwaitsDecision ? Traces.StartDecision() : null;
        while (signUp.AwaitsDecision)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (click, reason, unproven) = await JudgeAsync(signUp);
            if (unproven is not null)
            {
                await ProveAsync(userId, signUp, unproven);
                signUp = SignUpRecord.Read(await ReadAsync(userId));
                continue;
            }

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
                    var recorded = await TrackAsync(signUp, lead, click);
                    if (recorded.IsErased)
                    {
                        return Describe(new SignUpRecord());
                    }

                    var before = signUp;
                    signUp = SignUpRecord.Read(await ReadAsync(userId));
                    if (recorded.IsNew)
                    {
                        metrics.SignUpDecided(NoLeadReason.None);
                        if (signUp.ProfileAt is { } since && since > before.ProfileAt)
                        {
                            // Changed while it was decided, when there was no customer yet to change.
                            await customers.SetProfileAsync(userId, signUp.Name, signUp.Email, signUp.Avatar, since);
                        }
                    }

                    continue;
                }

                (reason, detail) = (NoLeadReason.RefusedByApp, lead.Refusal);
            }

            var isWritten = (int)await NotAttributed.RunAsync(
                store,
                [store.Keys.SignUp(userId), .. LocalOutboxOf(userId), IndexOf(userId)],
                [userId, signUp.Revision, reason.Code(), detail ?? string.Empty, time.GetUtcNow().ToUnixTimeMilliseconds()]) == 1;
            if (isWritten)
            {
                metrics.SignUpDecided(reason);
            }

            signUp = SignUpRecord.Read(await ReadAsync(userId));
        }

        var status = Describe(signUp);
        span.End(DubClerkMetrics.OutcomeOf(status.Reason));
        return status;
    }

    /// <summary>The click that counts, or why none does, or the click that Dub must be asked about first. The one in the account's metadata was there
    /// at its creation, so it goes first.</summary>
    private async Task<(Click? Click, NoLeadReason Reason, string? Unproven)> JudgeAsync(SignUpRecord signUp)
    {
        var createdAt = signUp.CreatedAt!.Value;
        var window = options.Current.NewAccountWindow;
        var reason = NoLeadReason.None;
        (string? ClickId, bool FromBrowser)[] candidates = [(signUp.MetadataClick, false), (signUp.BrowserClick, true), (signUp.EarlierBrowserClick, true)];
        foreach (var (clickId, fromBrowser) in candidates)
        {
            if (clickId is null)
            {
                continue;
            }

            var late = fromBrowser && SignUpRules.IsExistingUser(createdAt, signUp.BrowserSeenAt!.Value, window);
            var click = late ? null : await FindClickAsync(signUp, clickId);
            if (!late && click is null && !signUp.Proofs.ContainsKey(clickId) && await destinations.IsServedAsync(OutboxDestination.Dub))
            {
                return (null, NoLeadReason.None, clickId);
            }

            var verdict = late ? NoLeadReason.ExistingUser : SignUpRules.JudgeClick(createdAt, click);
            if (verdict == NoLeadReason.None)
            {
                return (click, NoLeadReason.None, null);
            }

            reason = reason == NoLeadReason.None ? verdict : reason;
        }

        return (null, reason, null);
    }

    private async Task<Click?> FindClickAsync(SignUpRecord signUp, string clickId)
        => await clicks.FindAsync(clickId)
            ?? (signUp.Proofs.GetValueOrDefault(clickId) is { Length: > 0 } proof ? JsonSerializer.Deserialize(proof, ConversionsJsonContext.Default.Click) : null);

    /// <summary>Has Dub asked whether it knows the click.</summary>
    private async Task ProveAsync(string userId, SignUpRecord signUp, string clickId)
    {
        await Proving.RunAsync(
            store,
            [store.Keys.SignUp(userId), .. LocalOutboxOf(userId), .. OutboxOf(OutboxDestination.Dub, userId), IndexOf(userId)],
            [
                userId, signUp.Revision, new OutboxItem(OutboxItem.ProofKind, $"{userId}/{clickId}").ToString(),
                new ClickProofState { UserId = userId, ClickId = clickId }.ToJson(), time.GetUtcNow().ToUnixTimeMilliseconds(),
            ]);
        signal.Raise(OutboxDestination.Dub, StoreKeys.PartitionOf(userId));
    }

    private async Task AnsweredAsync(string userId, string clickId, RedisValue answer, CancellationToken cancellationToken)
    {
        await Proved.RunAsync(store, [store.Keys.SignUp(userId)], [SignUpRecord.ProofPrefix + clickId, answer]);
        if (await ReadRecordAsync(userId) is { } signUp)
        {
            await DecideAsync(userId, signUp with { State = null }, cancellationToken);
        }
    }

    private Task<RecordedLead> TrackAsync(SignUpRecord signUp, LeadContext lead, Click click) => conversions.TrackLeadAsync(new LeadRequest
    {
        CustomerExternalId = lead.UserId,
        SignUpRevision = signUp.Revision,
        Click = click,
        IsClickProven = signUp.Proofs.ContainsKey(click.Id),
        EventName = lead.EventName,
        CustomerName = signUp.Name,
        CustomerEmail = signUp.Email,
        CustomerAvatar = signUp.Avatar,
        ProfileAt = signUp.ProfileAt,
        Metadata = ToJson(lead.Metadata),
    });

    private static JsonElement? ToJson(IDictionary<string, string> metadata)
        => metadata.Count == 0 ? null : JsonSerializer.SerializeToElement(metadata.ToDictionary(), SignUpsJsonContext.Default.DictionaryStringString);

    private SignUpStatus Describe(SignUpRecord signUp)
    {
        var (state, reason) = signUp switch
        {
            { IsTracked: true } => (SignUpState.Tracked, NoLeadReason.None),
            { IsDecided: true } => (SignUpState.NotAttributed, signUp.Reason),
            { IsProving: true } => (SignUpState.Pending, NoLeadReason.ProvingClick),
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

    private Task<HashEntry[]> ReadAsync(string userId) => store.RunAsync((database, key) => database.HashGetAllAsync(key, flags: CommandFlags.DemandMaster), store.Keys.SignUp(userId));

    private RedisKey IndexOf(string userId) => store.Keys.SignUpIndex(StoreKeys.PartitionOf(userId));

    private RedisKey[] LocalOutboxOf(string userId) => OutboxOf(OutboxDestination.Local, userId);

    private RedisKey[] OutboxOf(OutboxDestination destination, string userId) => store.Keys.Outbox(destination, StoreKeys.PartitionOf(userId)).OfItems;
}
