using Dub.Clerk;
using Dub.Clerk.Attribution;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Adds Dub.Clerk to the request pipeline.</summary>
public static class DubClerkApplicationBuilderExtensions
{
    /// <summary>Signs users in from their Clerk session token, keeps the click a visitor arrives with, and credits sign-ups to clicks.</summary>
    /// <remarks>Before anything that asks who the user is: <c>UseAuthorization</c>, endpoints. Needs <c>CLERK_PUBLISHABLE_KEY</c> and a store;
    /// in Production also <see cref="DubClerkOptions.AuthorizedParties"/>. Leaves an <see cref="IDubClerkFeature"/> on each request.
    /// <c>UseAuthentication</c> is not needed, and does no harm.</remarks>
    /// <param name="app">The app.</param>
    /// <returns>The same app.</returns>
    /// <exception cref="InvalidOperationException"><c>AddDubClerk</c> was not called.</exception>
    public static IApplicationBuilder UseDubClerk(this IApplicationBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);

        UsedFeatures.Of(app.ApplicationServices).Sessions = true;
        return app.UseMiddleware<AttributionMiddleware>();
    }
}
