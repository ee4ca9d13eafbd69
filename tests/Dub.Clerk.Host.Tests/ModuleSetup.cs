using System.Runtime.CompilerServices;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Host.Tests;

internal static class ModuleSetup
{
    [ModuleInitializer]
    internal static void Run() => PatientStores.Use();
}
