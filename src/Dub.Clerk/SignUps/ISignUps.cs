namespace Dub.Clerk.SignUps;

/// <summary>What became of sign-ups, for the app to ask at any time.</summary>
public interface ISignUps
{
    /// <summary>Where a user's sign-up stands, and why. One read of the store.</summary>
    /// <param name="userId">The Clerk user id, <c>user_…</c>.</param>
    /// <param name="cancellationToken">Stops waiting for the answer.</param>
    /// <returns>Null when nothing is known of the user: no webhook has come, and no request carried a click.</returns>
    /// <exception cref="InvalidOperationException">The store did not answer.</exception>
    Task<SignUpStatus?> FindAsync(string userId, CancellationToken cancellationToken = default);
}
