using Dub.Clerk.Authentication;
using Dub.Clerk.Diagnostics;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the authentication scheme <c>Clerk</c>.</summary>
internal static class ClerkAuthenticationServiceCollectionExtensions
{
    /// <summary>Adds a JwtBearer scheme that checks Clerk's session tokens by <see cref="Dub.Clerk.DubClerkOptions"/>, beside the schemes the app
    /// has; it is the default only when there is no other. Calling it again changes nothing.</summary>
    public static IServiceCollection AddClerkAuthentication(this IServiceCollection services)
    {
        if (services.Any(service => service.ServiceType == typeof(SessionTokenHandler)))
        {
            return services;
        }

        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<DubClerkMetrics>();
        services.TryAddSingleton<Dub.Clerk.LiveOptions>();
        services.AddSingleton<ClerkInstance>();
        services.AddSingleton<SessionTokenHandler>();
        services.AddSingleton<ConfigureClerkBearer>();
        services.AddSingleton<IConfigureOptions<JwtBearerOptions>>(provider => provider.GetRequiredService<ConfigureClerkBearer>());
        services.AddAuthentication().AddJwtBearer(ClerkAuthenticationDefaults.AuthenticationScheme, _ => { });
        services.AddSingleton<IPostConfigureOptions<JwtBearerOptions>>(provider => provider.GetRequiredService<ConfigureClerkBearer>());
        services.AddSingleton<IPostConfigureOptions<AuthenticationOptions>, KeepDefaultScheme>();

        services.AddHttpClient(JwksKeys.ClientName)
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                // A key set is where the publishable key says it is. Following a redirect would let another address name the keys.
                AllowAutoRedirect = false,
                UseCookies = false,
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            });
        return services;
    }
}
