using Dub.Clerk.Authentication;
using Dub.Clerk.Host.Secrets;
using Microsoft.Extensions.Options;

namespace Dub.Clerk.Host.Doctor;

/// <summary>What is examined: the settings as the host would read them, and what the person says besides.</summary>
internal sealed class Installation
{
    private Installation(IConfiguration configuration, IHostEnvironment environment) => (Configuration, Environment) = (configuration, environment);

    public IConfiguration Configuration { get; }

    public IHostEnvironment Environment { get; }

    /// <summary>As they are set, good or bad.</summary>
    public DubClerkOptions Options { get; } = new();

    /// <summary>Why the host would not start, each with its remedy.</summary>
    public required IReadOnlyList<string> SettingFaults { get; init; }

    /// <summary>Secrets that the host would make at its first start in Development.</summary>
    public required IReadOnlyList<string> Unmade { get; init; }

    /// <summary>Of the embedded store; null where it is not known.</summary>
    public required string? DataDirectory { get; init; }

    /// <summary>The public address of the app or the host, or of the webhook itself; null when it is not given.</summary>
    public Uri? PublicAddress { get; init; }

    /// <summary>Where the host is asked.</summary>
    public required Uri HostAddress { get; init; }

    /// <summary>Whether somebody said that it is there.</summary>
    public bool IsHostNamed { get; init; }

    /// <summary>A session token to look into; null when none is given.</summary>
    public string? Token { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Null where it is missing or cannot be read.</summary>
    public PublishableKey? PublishableKey => PublishableKey.TryParse(Options.PublishableKey, out var key, out _) ? key : null;

    public string? ApiKey => HostSecrets.Keys(Configuration[HostSecrets.ApiKeyName]).FirstOrDefault();

    /// <summary>Reads the settings. Makes nothing, keeps nothing and shows nothing.</summary>
    public static Installation Read(WebApplicationBuilder builder, Asked asked)
    {
        List<string> faults = [];
        IReadOnlyList<string> unmade = [];
        string? folder = null;
        try
        {
            builder.Configuration.AddSecretFiles();
            folder = HostSettings.DataDirectory(builder.Configuration);
            unmade = builder.Environment.IsDevelopment() ? HostSettings.UseKept(builder.Configuration, folder) : [];
            faults.AddRange(HostSettings.FaultsBesides(builder, unmade));
        }
        catch (HostSetupException e)
        {
            faults.AddRange(e.Faults);
        }

        var installation = new Installation(builder.Configuration, builder.Environment)
        {
            SettingFaults = faults,
            Unmade = unmade,
            DataDirectory = folder,
            PublicAddress = asked.PublicAddress,
            HostAddress = asked.HostAddress,
            IsHostNamed = asked.IsHostNamed,
            Token = asked.Token,
            Time = asked.Time,
        };
        try
        {
            new DubClerkConfiguration(builder.Configuration).Configure(installation.Options);
        }
        catch (OptionsValidationException)
        {
            // It is among the faults.
        }

        return installation;
    }
}

/// <summary>What the person says on the command line.</summary>
internal sealed record Asked(Uri HostAddress)
{
    /// <inheritdoc cref="Installation.IsHostNamed"/>
    public bool IsHostNamed { get; init; }

    /// <inheritdoc cref="Installation.PublicAddress"/>
    public Uri? PublicAddress { get; init; }

    /// <inheritdoc cref="Installation.Token"/>
    public string? Token { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;
}
