using Microsoft.Extensions.FileProviders;

namespace Dub.Clerk.Host.Secrets;

/// <summary><c>DUBCLERK_SECRETS_DIR</c>: a folder with one file for each setting, named as its environment variable, as containers have secrets. A file wins over
/// a variable, and is read again when it changes.</summary>
internal static class SecretFiles
{
    private const string FolderName = "DUBCLERK_SECRETS_DIR";

    /// <exception cref="HostSetupException">There is no such folder, or it cannot be read.</exception>
    public static void AddSecretFiles(this ConfigurationManager configuration)
    {
        if (configuration[FolderName] is not { Length: > 0 } folder)
        {
            return;
        }

        try
        {
            // Orchestrators change what a link leads to, of which only looking tells: every four seconds.
            var files = new PhysicalFileProvider(Path.GetFullPath(folder)) { UsePollingFileWatcher = true, UseActivePolling = true };
            configuration.AddKeyPerFile(source => (source.FileProvider, source.Optional, source.ReloadOnChange) = (files, false, true));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new HostSetupException($"{FolderName} is '{folder}', which cannot be read: {e.Message} Name a folder with one file for each secret, or leave it out.");
        }
    }
}
