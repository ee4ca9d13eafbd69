namespace Dub.Clerk.Host.Secrets;

/// <summary>The keys in force.</summary>
internal sealed class LiveSecrets(IConfiguration configuration, ILogger<LiveSecrets> logger)
    : LiveSettings<HostSecrets>(configuration, static configuration => new HostSecrets(configuration), static secrets => secrets.Faults, logger);
