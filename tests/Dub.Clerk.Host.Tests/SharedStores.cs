using Dub.Clerk.Testing;

[assembly: AssemblyFixture(typeof(StorePool))]
