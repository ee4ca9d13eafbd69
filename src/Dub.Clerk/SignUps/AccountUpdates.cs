using Dub.Clerk.Clerk;
using Dub.Clerk.Conversions;
using Dub.Clerk.Store;

namespace Dub.Clerk.SignUps;

/// <summary>Keeps the profile of a sign-up, and of its customer, as Clerk has it. Changes may come in any order, and before the account.</summary>
internal sealed class AccountUpdates(StoreConnection store, StoreSchema schema, Tombstones tombstones, CustomerStore customers, TimeProvider time)
{
    /// <summary>How long a change is kept for an account that Clerk has not told of yet: longer than it tries to.</summary>
    private static readonly TimeSpan Early = TimeSpan.FromDays(2);

    private static readonly StoreScript Update = new("signup-user-updated-2");

    /// <exception cref="StoreException">The store did not answer. Calling again is safe.</exception>
    public async Task UpdateAsync(ClerkAccount user)
    {
        await schema.CheckAsync();
        var (name, email, avatar) = (Profile.FitName(user.FirstName, user.LastName), Profile.FitEmail(user.Email), Profile.FitAvatar(user.Avatar));
        var mayBeEarly = time.GetUtcNow() - user.CreatedAt < Early;
        await Update.RunAsync(
            store,
            [store.Keys.SignUp(user.UserId), await tombstones.KeyAsync(user.UserId)],
            [
                user.UpdatedAt.ToUnixTimeMilliseconds(), name ?? string.Empty, email ?? string.Empty, avatar ?? string.Empty,
                mayBeEarly ? (long)Early.TotalMilliseconds : 0,
            ]);

        await customers.SetProfileAsync(user.UserId, name, email, avatar, user.UpdatedAt);
    }
}
