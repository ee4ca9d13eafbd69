using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;

namespace Dub.Clerk.Host.Dashboard.Access;

/// <summary>Ends what an open page shows when its session ends: the cookie is read only when a page is opened.</summary>
internal sealed class SessionWatch(ILoggerFactory loggers, Sessions sessions) : RevalidatingServerAuthenticationStateProvider(loggers)
{
    protected override TimeSpan RevalidationInterval { get; } = TimeSpan.FromMinutes(1);

    protected override Task<bool> ValidateAuthenticationStateAsync(AuthenticationState authenticationState, CancellationToken cancellationToken)
        => Task.FromResult(sessions.IsValid(authenticationState.User));
}
