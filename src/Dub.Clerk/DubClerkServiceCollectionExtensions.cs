using Dub.Clerk;
using Dub.Clerk.Analytics;
using Dub.Clerk.Attribution;
using Dub.Clerk.Clerk;
using Dub.Clerk.Conversions;
using Dub.Clerk.Diagnostics;
using Dub.Clerk.Dub;
using Dub.Clerk.Erasure;
using Dub.Clerk.Outbox;
using Dub.Clerk.SignUps;
using Dub.Clerk.Store;
using Dub.Clerk.Webhooks;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers Dub.Clerk.</summary>
public static class DubClerkServiceCollectionExtensions
{
    /// <summary>Registers what <c>UseDubClerk</c> and <c>MapClerkWebhooks</c> work with: Clerk's session tokens as the authentication scheme
    /// <c>Clerk</c>, the join of sign-ups with clicks, and its store.</summary>
    /// <remarks>The settings come from the app's configuration, see <see cref="DubClerkOptions"/>. An authentication of the app's own stays its
    /// default. An <c>IConnectionMultiplexer</c> that the app registered is used as the store. Calling this again only adds
    /// <paramref name="configure"/>.</remarks>
    /// <param name="services">The app's services.</param>
    /// <param name="configure">Changes what the configuration says.</param>
    /// <returns>The same services.</returns>
    /// <exception cref="OptionsValidationException">At start, when settings are missing or wrong: each one with its remedy.</exception>
    public static IServiceCollection AddDubClerk(this IServiceCollection services, Action<DubClerkOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);

        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<DubClerkOptions>, DubClerkConfiguration>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<DubClerkOptions>, DubClerkOptionsValidator>());
        services.AddOptions<DubClerkOptions>().ValidateOnStart();
        if (configure is not null)
        {
            services.Configure(configure);
        }

        services.AddClerkAuthentication();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<UsedFeatures>();
        services.TryAddSingleton<Signs>();
        services.TryAddSingleton<StoreConnection>();
        services.TryAddSingleton<StoreSchema>();
        services.TryAddSingleton<StoreInspection>();
        services.TryAddSingleton<Tombstones>();
        services.TryAddSingleton<EventNews>();
        services.TryAddSingleton<EventLog>();
        services.TryAddSingleton<ClickStore>();
        services.TryAddSingleton<Rollup>();
        services.TryAddSingleton<RollupReader>();
        services.TryAddSingleton<AnalyticsService>();
        services.TryAddSingleton<LinkStore>();
        services.TryAddSingleton<LinkList>();
        services.TryAddSingleton<CustomerStore>();
        services.TryAddSingleton<CustomerList>();
        services.TryAddSingleton<ConversionTracker>();
        services.TryAddSingleton<SaleTracker>();
        services.TryAddSingleton<CustomerEvents>();
        services.TryAddSingleton<LinkCache>();
        services.TryAddSingleton<ConversionService>();
        services.TryAddSingleton<IConversions>(provider => provider.GetRequiredService<ConversionService>());
        services.TryAddSingleton<SignUpJoin>();
        services.TryAddSingleton<SignUpIndex>();
        services.TryAddSingleton<AccountUpdates>();
        services.TryAddSingleton<ISignUps>(provider => provider.GetRequiredService<SignUpJoin>());
        services.TryAddSingleton<WebhookSecretCache>();
        services.TryAddSingleton<ClerkWebhookEndpoint>();
        services.TryAddSingleton<DubWebhookEndpoint>();
        services.TryAddSingleton<RecentSightings>();
        services.TryAddSingleton<StoreBreaker>();
        AddOutbox(services);
        return services;
    }

    private static void AddOutbox(IServiceCollection services)
    {
        if (services.Any(service => service.ServiceType == typeof(OutboxStore)))
        {
            return;
        }

        services.AddSingleton<OutboxStore>();
        services.AddSingleton<OutboxSignal>();
        services.AddSingleton<OutboxDestinations>();
        services.AddSingleton<DestinationGates>();
        services.AddSingleton<DubClient>();
        services.AddSingleton<ClerkClient>();
        services.AddSingleton<DubClicks>();
        services.AddDeliveryHttp();
        services.AddSingleton<ErasureService>();
        services.AddSingleton<PersonalData>();
        services.AddSingleton<IOutboxHandler>(provider => provider.GetRequiredService<SignUpJoin>());
        services.AddSingleton<IOutboxHandler, LeadDelivery>();
        services.AddSingleton<IOutboxHandler, SaleDelivery>();
        services.AddSingleton<IOutboxHandler, ClickProof>();
        services.AddSingleton<IOutboxHandler, MetadataDelivery>();
        services.AddSingleton<IOutboxHandler, AccountLookup>();
        services.AddSingleton<IOutboxHandler>(provider => provider.GetRequiredService<ErasureService>());
        services.AddSingleton<IOutboxHandler, DubErasure>();
        services.AddHostedService<OutboxDispatcher>();
        services.AddHostedService<RollupService>();
        services.AddHostedService<EventNewsService>();
        services.AddHostedService<StoreInspectionService>();
    }
}
