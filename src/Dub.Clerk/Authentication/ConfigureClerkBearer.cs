using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;

namespace Dub.Clerk.Authentication;

/// <summary>Makes the JwtBearer scheme <c>Clerk</c> check Clerk's tokens.</summary>
internal sealed class ConfigureClerkBearer(ClerkInstance instance, SessionTokenHandler handler, TimeProvider time)
    : IConfigureNamedOptions<JwtBearerOptions>, IPostConfigureOptions<JwtBearerOptions>
{
    public void Configure(string? name, JwtBearerOptions options)
    {
        if (!IsOurs(name))
        {
            return;
        }

        options.MapInboundClaims = false;

        // error="invalid_token" and no more: our refusals are of a type that JwtBearer has no description for.
        options.IncludeErrorDetails = true;
    }

    public void Configure(JwtBearerOptions options) => Configure(Options.DefaultName, options);

    /// <summary>After the app's own configuration, so that its events are found and kept.</summary>
    public void PostConfigure(string? name, JwtBearerOptions options)
    {
        if (IsOurs(name))
        {
            // Whatever an app does to all bearer schemes alike: another handler here would be a second chance for what ours refused.
            options.TokenHandlers.Clear();
            options.TokenHandlers.Add(handler);
            options.Events = new SessionTokenEvents(options.Events, options.EventsType, instance, handler, time);
            options.EventsType = null;
        }
    }

    private static bool IsOurs(string? name) => string.Equals(name, ClerkAuthenticationDefaults.AuthenticationScheme, StringComparison.Ordinal);
}
