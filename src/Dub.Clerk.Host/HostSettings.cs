using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Dub.Clerk.Host.Dashboard;
using Dub.Clerk.Host.Diagnostics;
using Dub.Clerk.Host.Network;
using Dub.Clerk.Host.Secrets;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Dub.Clerk.Host;

/// <summary>Reads the host's settings. In Development, secrets that are missing are made, kept in the data folder, and shown on the console,
/// never in a log.</summary>
internal static class HostSettings
{
    private const string WebhookSecretName = "CLERK_WEBHOOK_SIGNING_SECRET";

    /// <summary>Ports alone mean every address of the machine.</summary>
    private static readonly string[] PortSettings = ["http_ports", "https_ports"];

    /// <summary>Any of these says that sessions shall be checked; whether what is there suffices is the library's to say.</summary>
    private static readonly string[] SessionSettings =
        ["CLERK_PUBLISHABLE_KEY", "NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY", "DubClerk:PublishableKey", "DubClerk:Issuer", "CLERK_JWT_KEY"];

    /// <exception cref="HostSetupException">A setting is missing or wrong.</exception>
    public static HostOptions Read(WebApplicationBuilder builder)
    {
        builder.Configuration.AddSecretFiles();

        // With it the framework would believe everybody's forwarded headers, before DubClerk:Proxy:Trusted is asked.
        builder.Configuration["FORWARDEDHEADERS_ENABLED"] = "false";
        var folder = DataDirectory(builder.Configuration);
        if (builder.Environment.IsDevelopment())
        {
            GenerateMissing(builder.Configuration, folder);
        }

        return ReadSet(builder, folder);
    }

    /// <summary>In Development: takes the secrets that an earlier start has kept, as a start would, and makes none.</summary>
    /// <returns>Those that the next start would make.</returns>
    /// <exception cref="HostSetupException">No start would make them.</exception>
    public static IReadOnlyList<string> UseKept(ConfigurationManager configuration, string folder)
    {
        List<string> unmade = [];
        foreach (var name in Missing(configuration))
        {
            configuration[name] = Kept(folder, name);
            if (configuration[name] is null)
            {
                unmade.Add(name);
            }
        }

        return unmade;
    }

    /// <summary>What would keep the host from starting, apart from secrets that the start makes.</summary>
    public static IReadOnlyList<string> FaultsBesides(WebApplicationBuilder builder, IReadOnlyList<string> unmade)
    {
        foreach (var name in unmade)
        {
            builder.Configuration[name] = Make(name);
        }

        try
        {
            _ = ReadSet(builder, DataDirectory(builder.Configuration));
            return [];
        }
        catch (HostSetupException e)
        {
            return e.Faults;
        }
        finally
        {
            foreach (var name in unmade)
            {
                builder.Configuration[name] = null;
            }
        }
    }

    private static HostOptions ReadSet(WebApplicationBuilder builder, string folder)
    {
        var configuration = builder.Configuration;
        var options = new HostOptions
        {
            ApiRequestsPerMinute = PerMinute(configuration, "DubClerk:ApiRequestsPerMinute", 0),
            DataDirectory = folder,
            ShortDomains = List(configuration, "DubClerk:ShortDomains", Links.LinkAddress.NormalizeDomain),
            AnyDomain = builder.Environment.IsDevelopment(),
            RedirectPatience = RedirectPatience(configuration["DubClerk:RedirectPatience"]),
            TrackConversionByDefault = Boolean(configuration, "DubClerk:TrackConversionByDefault"),
            AllowedHostnames = List(configuration, "DubClerk:AllowedHostnames", Hostname),
            Proxy = Proxy(configuration),
            RateLimits = RateLimits(configuration),
            DubWebhooks = !string.IsNullOrWhiteSpace(configuration["DUB_WEBHOOK_SECRET"]) || configuration.GetSection("DubClerk:DubWebhookSecrets").Exists(),
            Sessions = SessionSettings.Any(name => !string.IsNullOrWhiteSpace(configuration[name])),
        };
        List<string> faults = [.. new HostSecrets(configuration).Faults, .. DashboardOptions.Read(configuration).Faults(options.Sessions), .. Telemetry.Faults(configuration),
            .. LibraryFaults(builder, options)];
        return faults.Count == 0 ? options : throw new HostSetupException(faults);
    }

    /// <summary>What the library would refuse at start, found before a store is started for it, and listed with the host's own.</summary>
    private static IEnumerable<string> LibraryFaults(WebApplicationBuilder builder, HostOptions options)
    {
        var services = new ServiceCollection().AddSingleton<IConfiguration>(builder.Configuration).AddSingleton<IHostEnvironment>(builder.Environment).AddDubClerk();
        if (string.IsNullOrEmpty(builder.Configuration.GetConnectionString("Redis")))
        {
            services.AddSingleton<IConnectionMultiplexer>(_ => throw new InvalidOperationException("The embedded store is not started yet."));
        }

        using var provider = services.BuildServiceProvider();
        var used = UsedFeatures.Of(provider);
        (used.Webhooks, used.DubWebhooks, used.Sessions) = (true, options.DubWebhooks, options.Sessions);
        try
        {
            _ = provider.GetRequiredService<IOptions<DubClerkOptions>>().Value;
            return [];
        }
        catch (OptionsValidationException e)
        {
            return e.Failures.Select(fault => fault.TrimStart('\r', '\n', '-', ' '));
        }
    }

    /// <exception cref="HostSetupException">It is not set, and this user has no place for it.</exception>
    public static string DataDirectory(ConfigurationManager configuration)
    {
        if (configuration["DUBCLERK_DATA_DIR"] is { Length: > 0 } configured)
        {
            return Path.GetFullPath(configured);
        }

        var local = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return local.Length > 0
            ? Path.Combine(local, "Dub.Clerk")
            : throw new HostSetupException("This user has no folder for application data. Set DUBCLERK_DATA_DIR to a folder that survives restarts.");
    }

    private static TimeSpan RedirectPatience(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return TimeSpan.FromMilliseconds(200);
        }

        return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var patience) && patience > TimeSpan.Zero && patience <= TimeSpan.FromMinutes(1)
            ? patience
            : throw new HostSetupException($"DubClerk:RedirectPatience is '{text}'; it must be more than zero and at most one minute, such as 00:00:00.200.");
    }

    private static int PerMinute(ConfigurationManager configuration, string name, int byDefault)
    {
        var text = configuration[name];
        return string.IsNullOrWhiteSpace(text) ? byDefault
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) ? limit
            : throw new HostSetupException($"{name} is '{text}'; it must be a number, such as 600, or 0 for no limit.");
    }

    private static RateLimits RateLimits(ConfigurationManager configuration)
    {
        var defaults = new RateLimits();
        return new RateLimits
        {
            PagesPerMinute = PerMinute(configuration, "DubClerk:RateLimits:PagesPerMinute", defaults.PagesPerMinute),
            WebhooksPerMinute = PerMinute(configuration, "DubClerk:RateLimits:WebhooksPerMinute", defaults.WebhooksPerMinute),
            SignInsPerMinute = PerMinute(configuration, "DubClerk:RateLimits:SignInsPerMinute", defaults.SignInsPerMinute),
        };
    }

    /// <summary>Listed one by one, or in one text with spaces or commas between them.</summary>
    public static List<string> List(IConfiguration configuration, string name, Func<string, string> normalize)
    {
        var section = configuration.GetSection(name);
        var listed = section.Get<string[]>() ?? section.Value?.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries) ?? [];
        return [.. listed.Where(text => !string.IsNullOrWhiteSpace(text)).Select(normalize)];
    }

    /// <summary>As it is compared: <c>*.</c> stays before a domain.</summary>
    private static string Hostname(string hostname)
        => hostname.StartsWith("*.", StringComparison.Ordinal) ? "*." + Links.LinkAddress.NormalizeDomain(hostname[2..]) : Links.LinkAddress.NormalizeDomain(hostname);

    private static bool Boolean(ConfigurationManager configuration, string name)
    {
        var text = configuration[name];
        return !string.IsNullOrWhiteSpace(text)
            && (bool.TryParse(text, out var value) ? value : throw new HostSetupException($"{name} is '{text}'; it must be true or false."));
    }

    private static ProxyOptions Proxy(ConfigurationManager configuration)
    {
        const string TrustedName = "DubClerk:Proxy:Trusted";
        var proxy = new ProxyOptions
        {
            Trusted = [.. List(configuration, TrustedName, text => text.Trim()).Select(Network)],
            AddressHeader = Name(nameof(ProxyOptions.AddressHeader)),
            CountryHeader = Name(nameof(ProxyOptions.CountryHeader)),
            ContinentHeader = Name(nameof(ProxyOptions.ContinentHeader)),
            RegionHeader = Name(nameof(ProxyOptions.RegionHeader)),
            CityHeader = Name(nameof(ProxyOptions.CityHeader)),
        };
        return proxy is { Trusted: [] } and not { AddressHeader: null, CountryHeader: null, ContinentHeader: null, RegionHeader: null, CityHeader: null }
            ? throw new HostSetupException($"DubClerk:Proxy names headers, and {TrustedName} no proxy whose they are. Set DubClerk__Proxy__Trusted__0 to your proxy's address, such as 10.0.0.5, or its network, such as 10.0.0.0/8.")
            : proxy;

        static IPNetwork Network(string text) => ProxyOptions.TryParse(text, out var network)
            ? network
            : throw new HostSetupException($"{TrustedName} has '{text}', which is neither an address nor a network of some. Write one such as 10.0.0.5, 10.0.0.0/8 or fd00::/8.");

        string? Name(string setting)
        {
            var name = configuration["DubClerk:Proxy:" + setting]?.Trim();
            return string.IsNullOrEmpty(name) ? null
                : name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') ? name
                : throw new HostSetupException($"DubClerk:Proxy:{setting} is '{name}', which is no name of a header. Write one such as CF-IPCountry.");
        }
    }

    private static void GenerateMissing(ConfigurationManager configuration, string folder)
    {
        foreach (var name in Missing(configuration))
        {
            var value = Kept(folder, name) ?? Keep(folder, name, Make(name));
            configuration[name] = value;
            Console.WriteLine($"{name} was not set; this one is for development: {value}");
        }
    }

    /// <summary>The secrets that are not set, where they may be made.</summary>
    private static List<string> Missing(ConfigurationManager configuration)
    {
        var missing = new[] { HostSecrets.ApiKeyName, WebhookSecretName }.Where(name => string.IsNullOrWhiteSpace(configuration[name])).ToList();
        if (missing.Count > 0)
        {
            RequireLoopback(configuration, missing);
        }

        return missing;
    }

    private static string Make(string name) => name == HostSecrets.ApiKeyName
        ? "dub_" + RandomNumberGenerator.GetHexString(40, lowercase: true)
        : "whsec_" + Convert.ToBase64String(RandomNumberGenerator.GetBytes(24));

    private static string SecretFile(string folder, string name) => Path.Combine(folder, "secrets", name);

    /// <summary>The value made at an earlier start.</summary>
    private static string? Kept(string folder, string name)
    {
        try
        {
            var file = SecretFile(folder, name);
            return File.Exists(file) && File.ReadAllText(file).Trim() is { Length: > 0 } kept ? kept : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unusable(folder, e);
        }
    }

    /// <summary>Keeps it where only this user can read it.</summary>
    private static string Keep(string folder, string name, string value)
    {
        var file = SecretFile(folder, name);
        try
        {
            var ownerOnly = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            }
            else
            {
                const UnixFileMode private_ = UnixFileMode.UserRead | UnixFileMode.UserWrite;
                Directory.CreateDirectory(folder, private_ | UnixFileMode.UserExecute);
                Directory.CreateDirectory(Path.GetDirectoryName(file)!, private_ | UnixFileMode.UserExecute);
                ownerOnly.UnixCreateMode = private_;
            }

            using var writer = new StreamWriter(file, ownerOnly);
            writer.Write(value);
            return value;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unusable(folder, e);
        }
    }

    private static HostSetupException Unusable(string folder, Exception e)
        => new($"The data folder {folder} cannot be written: {e.Message} Name another in DUBCLERK_DATA_DIR.");

    /// <summary>A secret that somebody may have read over a shoulder must not guard a public address.</summary>
    private static void RequireLoopback(ConfigurationManager configuration, List<string> missing)
    {
        var endpoints = configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"]);
        var addresses = (configuration["urls"] ?? string.Empty).Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Concat(endpoints);
        var open = addresses.FirstOrDefault(address => address is not null && !IsLoopback(address))
            ?? PortSettings.Select(name => configuration[name]).FirstOrDefault(ports => !string.IsNullOrEmpty(ports));
        if (!string.IsNullOrEmpty(open))
        {
            throw new HostSetupException(
                $"With generated secrets the host listens on loopback only, not on {open}. Set {string.Join(" and ", missing)}, or listen on http://localhost.");
        }
    }

    private static bool IsLoopback(string address)
    {
        string host;
        try
        {
            host = BindingAddress.Parse(address).Host;
        }
        catch (FormatException)
        {
            throw new HostSetupException($"'{address}' is no address to listen on. Write scheme, host and port, such as http://localhost:5080.");
        }

        return host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));
    }
}
