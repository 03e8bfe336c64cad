"""Trainees: people in training see the patients they registered themselves, and no others."""
